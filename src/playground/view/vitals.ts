import { secondsText } from '../../terminal/figures.ts';
import { leaselessRow, leaseRow } from '../../terminal/lease-row.ts';
import { type Line, span } from '../../terminal/line.ts';
import type { Model } from '../model/model.ts';
import { currentGapMs, writeRate } from '../model/probe.ts';

/** Whose the lease is, and how much of it is left. */
export function leaseOf({ lease, now, ttlMs }: Model, columns: number): Line {
  if (lease === null) return leaselessRow('nobody holds it');
  return leaseRow({ holder: lease.holder, leftMs: lease.deadline - now, ttlMs }, columns);
}

/** What a client sees that writes without pause. */
export function writesRow({ probe, now }: Model): Line {
  const gapMs = currentGapMs(probe, now);
  if (gapMs === null || probe.last === null) return [span(' writes  '), span('none yet', 'dim')];
  const isOut = gapMs > OUTAGE_MS;
  const longestMs = Math.max(probe.longestGapMs, isOut ? gapMs : 0);
  return [
    span(' writes  '),
    isOut
      ? span(`none for ${secondsText(gapMs, 1)}`, 'bad')
      : span(`${writeRate(probe, now)}/s to ${probe.last.node}`, 'good'),
    span(`  longest gap ${secondsText(longestMs, 2)}  ${probe.acknowledged} acknowledged, `),
    span(`${probe.lost} lost`, probe.lost > 0 ? 'bad' : 'plain'),
  ];
}

/** Shorter, it is how long a write takes. */
const OUTAGE_MS = 500;
