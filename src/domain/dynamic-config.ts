import type { JsonObject } from './json.ts';
import type { Millis } from './time.ts';

/** What the `config` key says, defaults filled in (spec/dcs.md 1.4, spec/config.md 6.1). Timings are not yet corrected. */
export type DynamicConfig = {
  readonly ttl: Millis;
  readonly loopWait: Millis;
  readonly retryTimeout: Millis;
  readonly maximumLagOnFailoverBytes: bigint;
  readonly primaryStartTimeout: Millis;
  /** `null`: wait for ever. */
  readonly primaryStopTimeout: Millis | null;
  /** How long at most a replica keeps out of the race while WAL still arrives; absent: it does not. */
  readonly primaryRaceBackoff?: Millis;
  readonly memberSlotsTtl: Millis;
  readonly maxTimelinesHistory: number;
  readonly checkTimeline: boolean;
  readonly pause: boolean;
  readonly failsafeMode: boolean;
  readonly synchronousMode: 'off' | 'on' | 'quorum';
  readonly synchronousModeStrict: boolean;
  /** How many standbys a commit is to wait for. */
  readonly synchronousNodeCount: number;
  /** A standby further behind does not count; `null`: however far. */
  readonly maximumLagOnSyncnodeBytes: bigint | null;
  /** How long a new or restarted primary waits for the standbys it knows: `matriarch.sync_reattach_timeout`. */
  readonly syncReattachTimeout: Millis;
  readonly useSlots: boolean;
  /** The `postgresql` section as stored, to be merged under the local one. */
  readonly postgresql: JsonObject;
  /** The whole document, unknown keys included, so that it can be restored without loss. */
  readonly document: JsonObject;
};

export type Timings = { readonly ttl: Millis; readonly loopWait: Millis; readonly retryTimeout: Millis };

/** An empty document means "write yours" to whoever leads, never "defaults" (spec/dcs.md T-11). */
export function saysNothing(document: JsonObject): boolean {
  return Object.keys(document).length === 0;
}

/** What is stored where nothing is configured. */
export const NOTHING_CONFIGURED: JsonObject = { ttl: 30, loop_wait: 10, retry_timeout: 10 };
