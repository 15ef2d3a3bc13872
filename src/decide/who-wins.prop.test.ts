import fc from 'fast-check';
import { expect, it } from 'vitest';
import { branch, position } from '../../test/support/observed-parts.ts';
import { lsn } from '../domain/lsn.ts';
import { memberName } from '../domain/names.ts';
import type { PeerAnswer } from '../domain/peer.ts';
import { failoverPriority } from '../domain/tags.ts';
import { type Candidate, whoWins } from './who-wins.ts';

type Standby = Extract<PeerAnswer, { kind: 'reported' }>;

const nobodyBefore = { former: null, key: null, least: null, prefers: true };

/** Few values each, so that ties and near misses are common. */
const standby = (name: string): fc.Arbitrary<Standby> =>
  fc
    .record({
      timeline: fc.constantFrom(null, 1, 2, 3),
      at: fc.constantFrom(10n, 11n, 500n, 2n ** 63n),
      priority: fc.constantFrom(undefined, 1, 2, 3),
    })
    .map(({ timeline, at, priority }) => ({
      kind: 'reported',
      member: memberName(name),
      askedAt: 0 as Standby['askedAt'],
      recovery: 'standby',
      position: lsn(at),
      timeline: timeline === null ? null : branch(timeline),
      tags: priority === undefined ? {} : { failover_priority: priority },
      lookedAgo: null,
      watchdogFailed: false,
      isUnpromised: false,
    }));

const herd = fc
  .integer({ min: 1, max: 6 })
  .chain((size) => fc.tuple(...'bcdefg'.slice(0, size).split('').map(standby)));

it('in any set of members that hear each other somebody wins, and exactly those whom nobody surpasses', () => {
  fc.assert(
    fc.property(herd, (members) => {
      const winners = members.filter((me) => isTold('mine', me, members));

      expect(winners).not.toHaveLength(0);
      expect(winners).toEqual(members.filter((me) => members.every((other) => compare(other, me, members) <= 0)));
    }),
    { numRuns: 2_000 },
  );
});

it('whom the lag limit keeps out nobody waits for: among the others somebody wins', () => {
  const limited = { ...nobodyBefore, least: 500n };
  fc.assert(
    fc.property(herd, (members) => {
      const fit = members.filter(({ position: at }) => at !== null && at >= 500n);
      fc.pre(fit.length > 0);
      const winners = fit.filter((me) => whoWins(candidateOf(me), others(me, members), limited).kind === 'mine');

      expect(winners).toEqual(fit.filter((me) => fit.every((other) => compare(other, me, fit) <= 0)));
      expect(winners).not.toHaveLength(0);
    }),
    { numRuns: 2_000 },
  );
});

it('all winners are equal in timeline, position and priority', () => {
  fc.assert(
    fc.property(herd, (members) => {
      const winners = members.filter((me) => isTold('mine', me, members));

      for (const winner of winners) expect(compare(winner, winners[0] ?? winner, members)).toBe(0);
    }),
  );
});

it('is transitive: whoever surpasses one that surpasses me, surpasses me', () => {
  fc.assert(
    fc.property(standby('b'), standby('c'), standby('d'), (b, c, d) => {
      const all = [b, c, d];
      fc.pre(compare(d, c, all) >= 0 && compare(c, b, all) >= 0);

      expect(compare(d, b, all)).toBeGreaterThanOrEqual(0);
      if (compare(d, b, all) > 0) expect(isTold('theirs', b, all)).toBe(true);
    }),
  );
});

it('the order of the answers does not matter', () => {
  fc.assert(
    fc.property(herd, (members) => {
      for (const me of members) {
        expect(isTold('mine', me, [...members].reverse())).toBe(isTold('mine', me, members));
      }
    }),
  );
});

it('silent members change nothing', () => {
  fc.assert(
    fc.property(herd, (members) => {
      const silent: PeerAnswer = {
        kind: 'no-answer',
        member: memberName('z'),
        askedAt: 0 as Standby['askedAt'],
        reason: 'dead',
      };
      for (const me of members) {
        expect(whoWins(candidateOf(me), [...others(me, members), silent], nobodyBefore).kind).toBe(
          whoWins(candidateOf(me), others(me, members), nobodyBefore).kind,
        );
      }
    }),
  );
});

it('while a primary lives nobody wins', () => {
  fc.assert(
    fc.property(herd, standby('a'), (members, a) => {
      const all: readonly PeerAnswer[] = [...members, { ...a, recovery: 'primary' }];
      for (const me of members) expect(isTold('theirs', me, all)).toBe(true);
    }),
  );
});

function isTold(kind: 'mine' | 'theirs', me: Standby, members: readonly PeerAnswer[]): boolean {
  return whoWins(candidateOf(me), others(me, members), nobodyBefore).kind === kind;
}

function others(me: Standby, members: readonly PeerAnswer[]): readonly PeerAnswer[] {
  return members.filter((each) => each.member !== me.member);
}

function candidateOf({ member, timeline, position: at, tags }: Standby): Candidate {
  return { name: member, timeline, position: at ?? position('0/0'), priority: failoverPriority(tags) };
}

/** The slow oracle: three keys, one after the other, in a set that everybody knows. */
function compare(a: Standby, b: Standby, members: readonly Standby[]): number {
  const keys = (each: Standby): readonly bigint[] => [
    BigInt(each.timeline ?? newest(members)),
    each.position ?? 0n,
    BigInt(failoverPriority(each.tags)),
  ];
  const [mine, theirs] = [keys(a), keys(b)];
  const decisive = mine.findIndex((key, index) => key !== theirs[index]);
  return decisive === -1 ? 0 : (mine[decisive] ?? 0n) > (theirs[decisive] ?? 0n) ? 1 : -1;
}

function newest(members: readonly Standby[]): number {
  return Math.max(0, ...members.map((each) => each.timeline ?? 0));
}
