import { describe } from 'vitest';
import { type Difference, leader, replica, type Situation } from '../../test/support/observations.ts';
import { A, B, branch, C, position, standbyAnswer } from '../../test/support/observed-parts.ts';
import { table } from '../../test/support/table.ts';
import type { Lsn } from '../domain/lsn.ts';
import type { Divergence, Memory } from '../domain/memory.ts';
import { revision } from '../domain/names.ts';
import { remember } from './remember.ts';

const fits: Divergence = { kind: 'fits', leader: C, leaderTimeline: branch(4) };
const diverged: Divergence = { kind: 'diverged', leader: A, leaderTimeline: branch(3), why: '' };
const failed: Divergence = { kind: 'rewind-failed', leader: A, attempts: 2, why: '' };
const idle = standbyAnswer({ walReceiver: null });

const replaying = { ...idle, isOnOldWal: true } as const;
const left = {
  server: { kind: 'down' },
  process: { kind: 'none' },
  directory: { signal: 'none' },
  control: { state: 'in production' },
} as const;
const newAgent = { foundPrimary: null };

/** After another look; a server that streams from nobody tells nothing new. */
const partedFrom = ({ o, m }: Situation): Memory['parted'] => remember(m, o, { kind: 'report' }).parted;
const apart = ({ memory, ...rest }: Difference): Situation =>
  replica({ server: idle, ...rest, memory: { divergence: { kind: 'unchecked' }, ...memory } });

describe('whom what lies here has parted from', () => {
  const from = { from: A, timeline: branch(3) };
  const lacksWal = { ...fits, kind: 'starved', why: 'removed', isUncompared: true } as const;
  table(partedFrom, apart, [
    ['nobody, as far as is known', {}, null],
    ['the leader that it was compared with', { memory: { divergence: diverged } }, from],
    ['also where pg_rewind cannot help', { memory: { divergence: failed } }, { from: A, timeline: null }],
    ['a copy that does not start says nothing', { memory: { divergence: { ...failed, doesNotStart: true } } }, null],
    ['it is remembered when somebody else has the lock, and was not asked', { memory: { parted: from } }, from],
    ['also while only WAL is known to be missing', { memory: { parted: from, divergence: lacksWal } }, from],
    ['until it fits that one', { memory: { parted: from, divergence: fits } }, null],
  ]);
  table(partedFrom, leader, [['or leads itself', { memory: { parted: from } }, null]]);

  const lsn = position('0/2000000');
  const began = { timeline: branch(2), lsn, reason: '', at: null, leader: C };
  const told = (line: object) =>
    ({ history: { kind: 'lines', modRevision: revision(1n), lines: [{ ...began, ...line }] } }) as const;
  const led = { ledOn: branch(3) };
  const own = (switchedAt: Lsn) => ({
    ownBranch: { of: branch(3), switches: [{ parent: branch(2), switchedAt, reason: '' }] },
  });
  table(partedFrom, apart, [
    [
      'who led on a timeline of that number, which the cluster has from somebody else (seed 31601019)',
      { view: told({}), memory: led },
      { from: C, timeline: branch(3) },
    ],
    [
      'not who led on a later one, and replays this one first (seed 31697389)',
      { view: told({}), memory: { ledOn: branch(4) } },
      null,
    ],
    [
      'whose earlier agent left a primary, once what that wrote is replayed (seed 32146004)',
      { view: told({}), memory: { ledOn: 'newest' } },
      { from: C, timeline: branch(3) },
    ],
    [
      'not before: it may come to a later timeline',
      { server: replaying, view: told({}), memory: { ledOn: 'newest' } },
      null,
    ],
    ['not where it is its own', { view: told({ leader: B }), memory: led }, null],
    ['nor where it is not known whose', { view: told({ leader: null }), memory: led }, null],
    ['nor where that is another number', { view: told({ timeline: branch(1) }), memory: led }, null],
    ['nor who has followed since: it forgets that it led', { view: told({}) }, null],
    [
      'whose timeline of that number began elsewhere',
      { view: told({}), ...own(position('0/1000000')) },
      { from: C, timeline: branch(3) },
    ],
    ['not where it began there', { view: told({}), ...own(lsn) }, null],
    [
      'in a standby cluster the key tells of another',
      { view: told({}), memory: led, dynamic: { standby_cluster: { host: 'far' } } },
      null,
    ],
  ]);
  const ledOn = ({ o, m }: Situation) => remember(m, o, { kind: 'report' }).ledOn;
  table(ledOn, apart, [
    ['that it led is remembered', { memory: led }, led.ledOn],
    ['until it fits another', { memory: { ...led, divergence: fits } }, null],
    ['as the last timeline that lies here, where an earlier agent led', { ...left, memory: newAgent }, 'newest'],
    ['not of a backup', { ...left, directory: { signal: 'none', hasBackupLabel: true }, memory: newAgent }, null],
    ['nor of a copy that it made', { ...left, memory: { ...newAgent, rewound: false } }, null],
    ['nor of a standby', { ...left, directory: { signal: 'standby' }, memory: newAgent }, null],
    ['nor later', { ...left, memory: { foundPrimary: false } }, null],
    ['its number shows when all of it is replayed', { memory: { ledOn: 'newest' } }, branch(3)],
    ['and not before', { server: replaying, memory: { ledOn: 'newest' } }, 'newest'],
  ]);
  table(ledOn, leader, [['who leads is on its own timeline', {}, led.ledOn]]);
});
