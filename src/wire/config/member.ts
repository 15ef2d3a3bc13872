import type { MemberName } from '../../domain/names.ts';
import { memberName } from '../../domain/names.ts';
import { parseInteger } from '../../domain/quantity.ts';
import { isTruthy, type Tags } from '../../domain/tags.ts';
import type { Section } from './section.ts';
import { notice, problem, requiredText, subsection, text } from './section.ts';

export type Identity = {
  readonly name: MemberName;
  readonly scope: string;
  readonly namespace: string;
  readonly tags: Tags;
};

/** Who this member is and to which cluster it belongs (spec/config.md 9.1 and 9.11). */
export function readIdentity(root: Section): Identity {
  // Until 1.1 the name was an option of PostgreSQL (spec/config.md 13).
  const former = subsection(root, 'postgresql');
  const holder = root.values['name'] === undefined && former.values['name'] !== undefined ? former : root;
  const name = readName(holder, 'name', 'give this member a name that no other member of the cluster has');
  const scope = readName(root, 'scope', "give the cluster's name, the same on all its members");
  if (name === RESERVED_NAME) problem(root, 'name', `can't be set to '${RESERVED_NAME}'`);
  return {
    name: memberName(name),
    scope,
    namespace: text(root, 'namespace') ?? 'service',
    tags: readTags(root),
  };
}

/** Stands for "no standby" in synchronous_standby_names. */
const RESERVED_NAME = '__patroni_strict_sync_replica_placeholder__';

function readName(section: Section, key: string, advice: string): string {
  const value = section.values[key];
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    problem(section, key, 'YAML reads it as a number or a boolean: put it in quotes');
    return '';
  }
  const name = requiredText(section, key, advice);
  if (name.includes('/')) problem(section, key, 'must not contain "/": it is one level of a key in the store');
  return name;
}

function readTags(root: Section): Tags {
  const section = subsection(root, 'tags');
  warnOfContradiction(section, { flagName: 'nofailover', priorityName: 'failover_priority' });
  warnOfContradiction(section, { flagName: 'nosync', priorityName: 'sync_priority' });
  return section.values;
}

function warnOfContradiction(
  tags: Section,
  { flagName, priorityName }: { readonly flagName: string; readonly priorityName: string },
): void {
  const flag = tags.values[flagName];
  const priority = parseInteger(tags.values[priorityName]);
  if (flag === undefined || flag === null || priority === null || isTruthy(flag) === priority <= 0) return;
  notice(tags, priorityName, `contradicts ${flagName}, which decides`);
}
