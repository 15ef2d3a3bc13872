import { derived } from './derived.ts';
import { isTruthy, type Tags } from './tags.ts';

/**
 * The tags that others see: the five built-in flags only when they say something, everything else as configured.
 * A flag stays beside the priority that it contradicts or confirms, so that a reader sees both (spec/config.md 9.11).
 */
export const publishedTags = derived((configured: Tags): Tags => {
  const tags = Object.entries(configured);
  return tags.length === 0
    ? configured
    : Object.fromEntries(
        tags.filter(([name, value]) => {
          if (!builtInFlags.has(name)) return true;
          const priority = priorityBeside[name];
          return isTruthy(value) || (priority !== undefined && Object.hasOwn(configured, priority));
        }),
      );
});

const builtInFlags: ReadonlySet<string> = new Set(['clonefrom', 'nofailover', 'noloadbalance', 'nosync', 'nostream']);

const priorityBeside: Readonly<Record<string, string>> = {
  nofailover: 'failover_priority',
  nosync: 'sync_priority',
};
