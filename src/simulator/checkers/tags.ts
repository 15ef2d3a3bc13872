import type { Tags } from '../../domain/tags.ts';

/**
 * May a member with these tags ever lead (spec/ha.md 2.24)? Read here once more, since a checker shares no code with
 * the rules: `nofailover` decides where it is there, else a priority of zero or less forbids.
 */
export function mayLead(tags: Tags): boolean {
  const flag = tags['nofailover'];
  if (flag !== undefined && flag !== null) return flag === false || flag === '' || flag === 0;
  const priority = Number(tags['failover_priority'] ?? 1);
  return !Number.isInteger(priority) || priority > 0;
}
