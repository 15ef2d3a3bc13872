import { describe, expect, it } from 'vitest';
import { readDynamicConfig } from '../wire/config/dynamic.ts';
import { acceptDynamic } from './accept-dynamic.ts';
import type { StoredConfig } from './cluster-view.ts';
import type { JsonObject } from './json.ts';
import { revision } from './names.ts';
import { configuredSlots } from './permanent-slots.ts';
import { seconds } from './time.ts';

const lastGood = readDynamicConfig({ ttl: 20, loop_wait: 5, postgresql: { parameters: { work_mem: '8MB' } } }).config;
const modRevision = revision(7n);

function stored(document: JsonObject): StoredConfig {
  const { config, rejected } = readDynamicConfig(document);
  return rejected === null ? { kind: 'valid', modRevision, config } : { kind: 'valid', modRevision, config, rejected };
}

describe('the dynamic configuration in force', () => {
  it('CC7: stays what it was while the stored one is absent or invalid', () => {
    expect(acceptDynamic(lastGood, { kind: 'absent' })).toBe(lastGood);
    expect(acceptDynamic(lastGood, { kind: 'invalid', modRevision, problem: 'no JSON' })).toBe(lastGood);
  });

  it('T-11: nor does an empty one mean the defaults', () => {
    expect(acceptDynamic(lastGood, stored({}))).toBe(lastGood);
  });

  it('is a valid stored one', () => {
    expect(acceptDynamic(lastGood, stored({ pause: true }))).toMatchObject({ ttl: seconds(30), pause: true });
  });

  it('CONF-5: keeps timings and parameters of the last good one when ttl is broken, and is paused all the same', () => {
    expect(acceptDynamic(lastGood, stored({ ttl: 'abc', pause: true }))).toEqual({ ...lastGood, pause: true });
  });

  it('dcs.md 1.4: slots follow the new text all the same', () => {
    const withSlot = acceptDynamic(lastGood, stored({ ttl: 'abc', slots: { s: null }, ignore_slots: [{ name: 'x' }] }));
    expect(configuredSlots(withSlot)).toMatchObject({ permanent: [{ name: 's' }], ignored: [{ name: 'x' }] });
    expect(withSlot.document).toMatchObject({ ttl: 20 });

    const without = acceptDynamic(withSlot, stored({ ttl: 'abc' }));
    expect(configuredSlots(without)).toMatchObject({ permanent: [], ignored: [] });
  });
});
