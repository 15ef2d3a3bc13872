import type { DynamicConfig } from '../../domain/dynamic-config.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { isJsonObject } from '../../domain/json.ts';
import { parseInteger } from '../../domain/quantity.ts';
import { isTruthy, truth } from '../../domain/tags.ts';
import { textForm } from '../../domain/text-form.ts';
import type { Millis } from '../../domain/time.ts';
import { seconds } from '../../domain/time.ts';

export type DynamicReading = {
  readonly config: DynamicConfig;
  /** Why timings and the `postgresql` section cannot be used (`config` has their defaults); `null`: they can. */
  readonly rejected: string | null;
};

/**
 * Read the dynamic configuration: the `config` key's document, or `bootstrap.dcs`. Values that make no sense give way to
 * their default, except timings and the `postgresql` section, for which the last good ones stay (`acceptDynamic`).
 * @see spec/config.md 6.1 and 6.3, spec/dcs.md 1.4
 */
export function readDynamicConfig(document: JsonObject): DynamicReading {
  const timings = readTimings(document);
  const rejected = timings.rejected ?? problemOfPostgres(document['postgresql']);
  const config: DynamicConfig = {
    ...(rejected === null ? timings.spans : DEFAULT_TIMINGS),
    maximumLagOnFailoverBytes: BigInt(parseInteger(document['maximum_lag_on_failover']) ?? DEFAULT_LAG_BYTES),
    primaryStartTimeout: spanOf(renamed(document, 'start_timeout'), 300),
    primaryStopTimeout: positiveOrNone(spanOf(renamed(document, 'stop_timeout'), 0)),
    ...raceBackoff(spanOf(document['primary_race_backoff'], 0)),
    memberSlotsTtl: spanOf(document['member_slots_ttl'], 1800),
    maxTimelinesHistory: Math.max(0, parseInteger(document['max_timelines_history']) ?? 0),
    checkTimeline: truth(document['check_timeline']) ?? false,
    pause: truth(document['pause']) ?? false,
    failsafeMode: truth(document['failsafe_mode']) ?? false,
    synchronousMode: isStandbyCluster(document) ? 'off' : synchronousMode(document['synchronous_mode']),
    ...synchronousSettings(document),
    useSlots: useSlots(document['postgresql']),
    postgresql: rejected === null && isJsonObject(document['postgresql']) ? document['postgresql'] : {},
    document,
  };
  return { config, rejected };
}

function raceBackoff(span: Millis): Pick<DynamicConfig, 'primaryRaceBackoff'> {
  return span > 0 ? { primaryRaceBackoff: span } : {};
}

/** What holds when nothing was ever configured. */
export function defaultDynamicConfig(): DynamicConfig {
  return readDynamicConfig({}).config;
}

const DEFAULT_TIMINGS = { ttl: seconds(30), loopWait: seconds(10), retryTimeout: seconds(10) };
const DEFAULT_LAG_BYTES = 1_048_576;

/**
 * Values of other options that make no sense, so that their default holds; a sentence each. Units are understood only
 * where there is one to count in: a lag is in bytes, and `3MB` is no number of them.
 */
export function ignoredValues(document: JsonObject): readonly string[] {
  const lag = document['maximum_lag_on_failover'];
  const spans = ['primary_start_timeout', 'primary_stop_timeout', 'primary_race_backoff', 'member_slots_ttl'] as const;
  return [
    ...(isReadable(lag, null)
      ? []
      : [`maximum_lag_on_failover: ${textForm(lag ?? null)} is not a number of bytes; ${DEFAULT_LAG_BYTES} holds`]),
    ...spans
      .filter((name) => !isReadable(document[name], 's'))
      .map((name) => `${name}: ${textForm(document[name] ?? null)} is not a span; its default holds`),
  ];
}

function isReadable(value: Json | undefined, unit: 's' | null): boolean {
  return value === undefined || parseInteger(value, unit) !== null;
}

type TimingsReading = { readonly spans: typeof DEFAULT_TIMINGS; readonly rejected: string | null };

function readTimings(document: JsonObject): TimingsReading {
  const names = { ttl: 'ttl', loopWait: 'loop_wait', retryTimeout: 'retry_timeout' } as const;
  const spans = { ...DEFAULT_TIMINGS };
  for (const field of ['loopWait', 'retryTimeout', 'ttl'] as const) {
    const value = document[names[field]];
    if (value === undefined) continue;
    const number = plainInteger(value);
    if (number === null) return { spans, rejected: `${names[field]}: ${textForm(value)} is not an integer` };
    spans[field] = seconds(number);
  }
  return { spans, rejected: null };
}

/** Digits or a number, fractions cut off. Unlike everywhere else no units, and no leniency: `null` rejects the document. */
function plainInteger(value: Json): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) : null;
  return typeof value === 'string' && /^\s*[+-]?\d{1,15}\s*$/.test(value) ? Number(value) : null;
}

function problemOfPostgres(section: Json | undefined): string | null {
  if (section === undefined) return null;
  if (!isJsonObject(section)) return 'postgresql is not a dictionary';
  const parameters = section['parameters'];
  const usable = parameters === undefined || isJsonObject(parameters) || !isTruthy(parameters);
  return usable ? null : 'postgresql.parameters is not a dictionary';
}

/** `primary_…`, or the former `master_…` when the new name is absent altogether. */
function renamed(document: JsonObject, name: 'start_timeout' | 'stop_timeout'): Json | undefined {
  const current = document[`primary_${name}`];
  return current === undefined ? document[`master_${name}`] : current;
}

function spanOf(value: Json | undefined, fallbackSeconds: number): Millis {
  return seconds(Math.max(0, parseInteger(value, 's') ?? fallbackSeconds));
}

function positiveOrNone(span: Millis): Millis | null {
  return span > 0 ? span : null;
}

function synchronousMode(value: Json | undefined): DynamicConfig['synchronousMode'] {
  if (typeof value === 'string' && value.toLowerCase() === 'quorum') return 'quorum';
  return truth(value) === true ? 'on' : 'off';
}

type SynchronousSetting =
  | 'synchronousModeStrict'
  | 'synchronousNodeCount'
  | 'maximumLagOnSyncnodeBytes'
  | 'syncReattachTimeout';

function synchronousSettings(document: JsonObject): Pick<DynamicConfig, SynchronousSetting> {
  const strict = truth(document['synchronous_mode_strict']) ?? false;
  const lagBytes = parseInteger(document['maximum_lag_on_syncnode']) ?? -1;
  // What Patroni does not know has a section of its own, which it keeps and passes on.
  const own = isJsonObject(document['matriarch']) ? document['matriarch'] : {};
  return {
    synchronousModeStrict: strict,
    synchronousNodeCount: Math.max(parseInteger(document['synchronous_node_count']) ?? 1, strict ? 1 : 0),
    maximumLagOnSyncnodeBytes: lagBytes > 0 ? BigInt(lagBytes) : null,
    syncReattachTimeout: spanOf(own['sync_reattach_timeout'], 10),
  };
}

/** A cluster that follows another one; a section with empty values only is no such thing. */
function isStandbyCluster(document: JsonObject): boolean {
  const section = document['standby_cluster'];
  return isJsonObject(section) && ['host', 'port', 'restore_command'].some((key) => isTruthy(section[key]));
}

function useSlots(section: Json | undefined): boolean {
  return (isJsonObject(section) ? truth(section['use_slots']) : null) ?? true;
}
