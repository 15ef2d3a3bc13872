import type { ClusterView, Member } from '../../domain/cluster-view.ts';
import type { OperatorLine } from '../command-line.ts';
import type { SeenCluster } from '../groups.ts';
import { confirm, prompt } from '../prompts.ts';
import { isStop, type Stop, stop } from '../stop.ts';
import type { Role } from './words.ts';

export type Choice = {
  readonly view: SeenCluster;
  readonly cluster: string;
  readonly role: Role;
  /** As typed; empty: all of the role. */
  readonly names: readonly string[];
};

/**
 * The members that are meant, in the order of their names (spec/ctl.md 5). Names that are unknown are passed over as long
 * as one is known. `roleShown`: how the role is written when none is.
 */
export function chooseMembers(
  { view, cluster, role, names }: Choice,
  roleShown = `'${role}'`,
): readonly Member[] | Stop {
  const members = membersOfRole(view, role);
  if (names.length === 0) return members.length === 0 ? stop(`${cluster} cluster doesn't have any members`) : members;
  const known = members.filter((each) => names.includes(each.name));
  if (known.length > 0) return known;
  const all = members.map(({ name }) => name).join(', ');
  return stop(`No ${roleShown} among provided members${all === '' ? '' : `; there are: ${all}`}`);
}

/** Of all groups, each member as what it is in its own. */
export function membersOfRole({ groups }: SeenCluster, role: Role): readonly Member[] {
  return groups.flatMap(({ view }) => view.members.filter((each) => hasRole(view, each, role)));
}

function hasRole(view: ClusterView, member: Member, role: Role): boolean {
  const leads = view.lock?.holder === member.name;
  switch (role) {
    case 'any':
      return true;
    case 'leader':
      return leads;
    case 'primary':
      return leads && member.role !== 'standby_leader';
    case 'standby-leader':
      return leads && member.role !== 'primary';
    case 'replica':
    case 'standby':
      return !leads;
  }
}

/** One of them, by name. */
export async function askForMember(line: OperatorLine, members: readonly Member[]): Promise<readonly Member[] | Stop> {
  const names = members.map((each) => each.name).join(', ');
  const answer = await prompt(line, `Which member do you want to reinitialize [${names}]?`, '');
  if (isStop(answer)) return answer;
  const chosen = members.filter((each) => each.name === answer);
  return chosen.length === 0 ? stop(`${answer} is not a member of cluster`) : chosen;
}

export type Consent = {
  readonly line: OperatorLine;
  readonly question: string;
  /** What a no aborts. */
  readonly action: string;
  readonly force: boolean;
};

/** @returns `null`: go on. */
export async function consent({ line, question, action, force }: Consent): Promise<Stop | null> {
  if (force) return null;
  const sure = await confirm(line, question);
  if (sure === 'yes') return null;
  return sure === 'no' ? stop(`Aborted ${action}`) : sure;
}

export function sureQuestion(action: string, members: readonly Member[]): string {
  return `Are you sure you want to ${action} members ${members.map((each) => each.name).join(', ')}?`;
}
