import type { Style } from '../../terminal/line.ts';
import { factsOf, type MemberFacts } from './member-facts.ts';
import type { Scene } from './scene.ts';

/** Is all well, in one sentence? What is missing first, if not. */
export function verdictOf(scene: Scene): { readonly text: string; readonly style: Style } {
  if (scene.storeSilence !== null) return bad(`the store does not answer: ${scene.storeSilence.why}`);
  const facts = factsOf(scene);
  const present = facts.filter(({ hasKey }) => hasKey);
  if (present.length === 0) return bad('no member has a key in the store');
  const trouble = troubleIn(scene, present);
  if (trouble !== null) return bad(trouble);
  const gone = facts.filter(({ hasKey }) => !hasKey).map(({ name }) => name);
  const silent = present.filter(({ isSilent }) => isSilent).map(({ name }) => name);
  if (silent.length > 0) {
    const whose = silent.length === 1 ? 'its agent does' : 'their agents do';
    return { text: `healthy by what the store says; ${list(silent)}: ${whose} not answer here`, style: 'warn' };
  }
  return gone.length > 0
    ? { text: `healthy, without ${list(gone)}`, style: 'warn' }
    : { text: 'healthy', style: 'good' };
}

/** @returns `null` when there is one primary with the lock, and every other member follows on its timeline. */
function troubleIn({ view }: Scene, present: readonly MemberFacts[]): string | null {
  if (view.lock === null) return 'nobody leads';
  const leader = present.find(({ holdsLock }) => holdsLock);
  if (leader === undefined) return `${view.lock.holder} has the lock, but no key of its own`;
  if (!isLeading(leader)) return `${leader.name} has the lock, and its PostgreSQL is ${leader.role}, ${leader.state}`;
  const others = present.filter((each) => each !== leader);
  const primaries = others.filter(({ role }) => role === 'primary').map(({ name }) => name);
  if (primaries.length > 0) return `${list(primaries)}: primary without the lock`;
  const idle = others.find(({ state }) => !following.has(state));
  if (idle !== undefined) return `${idle.name} does not stream (${idle.state})`;
  const apart = others.find(({ timeline }) => timeline !== leader.timeline);
  return apart === undefined ? null : `${apart.name} is on another timeline than ${leader.name}`;
}

function isLeading({ role, state }: MemberFacts): boolean {
  return role === 'standby leader' || (role === 'primary' && state === 'running');
}

/** A standby that gets its WAL, from a primary or from an archive. */
const following: ReadonlySet<string> = new Set(['streaming', 'in archive recovery']);

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

function bad(text: string): { readonly text: string; readonly style: Style } {
  return { text, style: 'bad' };
}
