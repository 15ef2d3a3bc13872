import type { StoredConfig } from './cluster-view.ts';
import { type DynamicConfig, saysNothing } from './dynamic-config.ts';
import { slotSettings } from './permanent-slots.ts';

/**
 * The dynamic configuration in force after a view: the last good one stays while the stored one is absent, empty or invalid.
 * Of a document whose timings or `postgresql` section cannot be used only the switches and the slots are followed, so that a typo in
 * `ttl` does not keep a cluster from being paused.
 * @see spec/config.md 6.3
 */
export function acceptDynamic(lastGood: DynamicConfig, stored: StoredConfig): DynamicConfig {
  if (stored.kind !== 'valid' || saysNothing(stored.config.document)) return lastGood;
  if (stored.rejected === undefined) return stored.config;
  const { ttl, loopWait, retryTimeout, postgresql } = lastGood;
  const document = slotSettings(stored.config.document, lastGood.document);
  return { ...stored.config, ttl, loopWait, retryTimeout, postgresql, document };
}
