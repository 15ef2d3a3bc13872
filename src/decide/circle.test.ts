import { expect, test } from 'vitest';
import { member, replica } from '../../test/support/observations.ts';
import type { Member } from '../domain/cluster-view.ts';
import { latestView } from '../domain/observation.ts';
import { isHeadOfCircle } from './circle.ts';

/** Whom each names, beside `a`, who leads and names `b`. */
function heads(names: Readonly<Record<string, string>>, foreign: readonly string[] = []): readonly string[] {
  const members = Object.entries({ a: 'b', ...names }).map(([name, upstream], index): Member => {
    const agent = foreign.includes(name) ? 'foreign' : 'ours';
    return { ...member(name, index + 1), tags: { replicatefrom: upstream }, agent };
  });
  const view = latestView(replica({ view: { members } }).o);
  if (view === null) throw new Error('the fixture has a view');
  return members.filter((each) => isHeadOfCircle(view, each)).map(({ name }) => name);
}

test.each<[string, Record<string, string>, string[]]>([
  ['of two that name each other it is the first', { b: 'c', c: 'b' }, ['b']],
  ['of three, too', { b: 'c', c: 'd', d: 'b' }, ['b']],
  ['whoever leads to it from outside is none of it', { b: 'c', c: 'd', d: 'c' }, ['c']],
  ['it does not lead past the leader', { b: 'a' }, []],
  ['nor past somebody who is not there', { b: 'c', c: 'x' }, []],
  ['there may be two', { b: 'c', c: 'b', d: 'e', e: 'd' }, ['b', 'd']],
])('the head of a circle: %s', (_rule, names, expected) => {
  expect(heads(names)).toEqual(expected);
});

test('the head of a circle is no member with another agent, which would do what its tag says', () => {
  expect(heads({ b: 'c', c: 'd', d: 'b' }, ['b'])).toContain('c');
});
