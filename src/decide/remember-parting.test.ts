import { describe } from 'vitest';
import { type Difference, leader, replica, type Situation } from '../../test/support/observations.ts';
import { A, branch, C, standbyAnswer } from '../../test/support/observed-parts.ts';
import { table } from '../../test/support/table.ts';
import type { Divergence, Memory } from '../domain/memory.ts';
import { remember } from './remember.ts';

const fits: Divergence = { kind: 'fits', leader: C, leaderTimeline: branch(4) };
const diverged: Divergence = { kind: 'diverged', leader: A, leaderTimeline: branch(3), why: '' };
const failed: Divergence = { kind: 'rewind-failed', leader: A, attempts: 2, why: '' };
const idle = standbyAnswer({ walReceiver: null });

/** After another look; a server that streams from nobody tells nothing new. */
const partedFrom = ({ o, m }: Situation): Memory['parted'] => remember(m, o, { kind: 'report' }).parted;
const apart = ({ memory, ...rest }: Difference): Situation =>
  replica({ server: idle, ...rest, memory: { divergence: { kind: 'unchecked' }, ...memory } });

describe('whom what lies here has parted from', () => {
  const from = { from: A, timeline: branch(3) };
  table(partedFrom, apart, [
    ['nobody, as far as is known', {}, null],
    ['the leader that it was compared with', { memory: { divergence: diverged } }, from],
    ['also where pg_rewind cannot help', { memory: { divergence: failed } }, { from: A, timeline: null }],
    ['a copy that does not start says nothing', { memory: { divergence: { ...failed, doesNotStart: true } } }, null],
    ['it is remembered when somebody else has the lock, and was not asked', { memory: { parted: from } }, from],
    ['until it fits that one', { memory: { parted: from, divergence: fits } }, null],
  ]);
  table(partedFrom, leader, [['or leads itself', { memory: { parted: from } }, null]]);
});
