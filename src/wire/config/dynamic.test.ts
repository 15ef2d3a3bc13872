import { describe, expect, it } from 'vitest';
import type { DynamicConfig } from '../../domain/dynamic-config.ts';
import type { JsonObject } from '../../domain/json.ts';
import { millis, seconds } from '../../domain/time.ts';
import { defaultDynamicConfig, readDynamicConfig } from './dynamic.ts';

describe('the dynamic configuration (config.md 6.1)', () => {
  it('has these defaults', () => {
    expect(defaultDynamicConfig()).toEqual({
      ttl: seconds(30),
      loopWait: seconds(10),
      retryTimeout: seconds(10),
      maximumLagOnFailoverBytes: 1_048_576n,
      primaryStartTimeout: seconds(300),
      primaryStopTimeout: null,
      memberSlotsTtl: seconds(1800),
      maxTimelinesHistory: 0,
      checkTimeline: false,
      pause: false,
      failsafeMode: false,
      synchronousMode: 'off',
      synchronousModeStrict: false,
      synchronousNodeCount: 1,
      maximumLagOnSyncnodeBytes: null,
      syncReattachTimeout: seconds(10),
      useSlots: true,
      postgresql: {},
      document: {},
    });
  });

  it.each<[string, JsonObject, Partial<DynamicConfig>]>([
    [
      'timings as text',
      { ttl: '20', loop_wait: 2.9, retry_timeout: 1 },
      { ttl: seconds(20), loopWait: seconds(2), retryTimeout: seconds(1) },
    ],
    [
      'strict mode waits for one standby at least',
      { synchronous_mode_strict: 'on', synchronous_node_count: 0, maximum_lag_on_syncnode: '1MB' },
      { synchronousModeStrict: true, synchronousNodeCount: 1, maximumLagOnSyncnodeBytes: null },
    ],
    [
      'a limit of lag for synchronous standbys, and what is Matriarch’s own',
      { maximum_lag_on_syncnode: 1_048_576, matriarch: { sync_reattach_timeout: '3' } },
      { maximumLagOnSyncnodeBytes: 1_048_576n, syncReattachTimeout: seconds(3) },
    ],
    ['CONF-46: quorum in any case', { synchronous_mode: 'QUORUM' }, { synchronousMode: 'quorum' }],
    [
      'CONF-46: never in a standby cluster',
      { synchronous_mode: true, standby_cluster: { host: 'h' } },
      { synchronousMode: 'off' },
    ],
    [
      'an empty standby_cluster is none',
      { synchronous_mode: 'on', standby_cluster: { host: '' } },
      { synchronousMode: 'on' },
    ],
    ['a mode that nobody knows', { synchronous_mode: 'strict' }, { synchronousMode: 'off' }],
    ['CONF-47: the former name', { master_start_timeout: 5 }, { primaryStartTimeout: seconds(5) }],
    [
      'CONF-47: the new name wins, even without sense',
      { master_start_timeout: 5, primary_start_timeout: 'abc' },
      { primaryStartTimeout: seconds(300) },
    ],
    ['a start timeout of zero fails over at once', { primary_start_timeout: 0 }, { primaryStartTimeout: millis(0) }],
    [
      'how long WAL that still arrives keeps out of the race',
      { primary_race_backoff: '20' },
      { primaryRaceBackoff: seconds(20) },
    ],
    ['a stop timeout', { master_stop_timeout: '15' }, { primaryStopTimeout: seconds(15) }],
    ['CONF-48: time units', { member_slots_ttl: '30min' }, { memberSlotsTtl: seconds(1800) }],
    ['slots of absent members dropped at once', { member_slots_ttl: 0 }, { memberSlotsTtl: millis(0) }],
    ['CONF-48: no byte units', { maximum_lag_on_failover: '1MB' }, { maximumLagOnFailoverBytes: 1_048_576n }],
    ['lag in bytes', { maximum_lag_on_failover: '33554432' }, { maximumLagOnFailoverBytes: 33_554_432n }],
    [
      'booleans as text',
      { pause: 'ON', check_timeline: '1', failsafe_mode: 'yes' },
      { pause: true, checkTimeline: true, failsafeMode: true },
    ],
    ['a boolean that is none', { pause: 't' }, { pause: false }],
    ['slots switched off', { postgresql: { use_slots: 'off' } }, { useSlots: false }],
    ['no parameters', { postgresql: { parameters: null } }, { postgresql: { parameters: null } }],
  ])('%s', (_name, document, expected) => {
    expect(readDynamicConfig(document)).toEqual({
      rejected: null,
      config: { ...defaultDynamicConfig(), postgresql: document['postgresql'] ?? {}, document, ...expected },
    });
  });

  it.each<[string, JsonObject]>([
    ['CONF-5: ttl', { ttl: 'abc' }],
    ['a null', { loop_wait: null }],
    ['units, which timings do not have', { retry_timeout: '10s' }],
    ['parameters that are a list', { postgresql: { parameters: ['x'] } }],
    ['a postgresql section that is none', { postgresql: 'x' }],
  ])('%s rejects timings and postgresql, not the switches (6.3)', (_name, document) => {
    const { config, rejected } = readDynamicConfig({ ...document, pause: true });
    expect(rejected).not.toBeNull();
    expect(config).toEqual({ ...defaultDynamicConfig(), pause: true, document: { ...document, pause: true } });
  });
});
