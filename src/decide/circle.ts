import type { ClusterView, Member } from '../domain/cluster-view.ts';
import type { MemberName } from '../domain/names.ts';
import { replicatesFrom, type Tags } from '../domain/tags.ts';

/**
 * Members whose `replicatefrom` tags lead round in a circle, past the leader, would all stream, and get nothing. The first
 * of them by name follows the leader, and feeds the others; one with another agent does what its tag says.
 */
export function isHeadOfCircle(view: ClusterView, { name, tags }: Standing): boolean {
  if (name === view.lock?.holder) return false;
  const passed = new Set<MemberName>();
  let at = named(view, tags);
  while (at !== null && at.name !== name) {
    const isBefore = at.agent === 'ours' && at.name < name;
    if (isBefore || passed.has(at.name) || at.name === view.lock?.holder) return false;
    passed.add(at.name);
    at = named(view, at.tags);
  }
  return at !== null;
}

type Standing = { readonly name: MemberName; readonly tags: Tags };

function named(view: ClusterView, tags: Tags): Member | null {
  const name = replicatesFrom(tags);
  return name === null ? null : (view.members.find((each) => each.name === name) ?? null);
}
