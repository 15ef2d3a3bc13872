import type { Model } from '../model/model.ts';
import { currentGapMs, writeRate } from '../model/probe.ts';
import { type Line, span } from './line.ts';

/** Whose the lease is, and how much of it is left. */
export function leaseRow({ lease, now, ttlMs }: Model, columns: number): Line {
  if (lease === null) return [span(' lease   '), span('nobody holds it', 'dim')];
  const leftMs = lease.deadline - now;
  if (leftMs <= 0) {
    const ended = `that of ${lease.holder} ended ${seconds(-leftMs, 1)} ago, and nobody has taken it`;
    return [span(' lease   '), span(ended, 'bad')];
  }
  const width = Math.max(10, Math.min(40, columns - 46));
  const full = Math.min(width, Math.ceil((leftMs / ttlMs) * width));
  const isShort = leftMs < ttlMs / 3;
  return [
    span(` lease   ${lease.holder}  [`),
    span('#'.repeat(full), isShort ? 'warn' : 'good'),
    span(`${'.'.repeat(width - full)}]`),
    span(` ${seconds(leftMs, 1)} left of ${ttlMs / 1000} s`),
  ];
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
      ? span(`none for ${seconds(gapMs, 1)}`, 'bad')
      : span(`${writeRate(probe, now)}/s to ${probe.last.node}`, 'good'),
    span(`  longest gap ${seconds(longestMs, 2)}  ${probe.acknowledged} acknowledged, `),
    span(`${probe.lost} lost`, probe.lost > 0 ? 'bad' : 'plain'),
  ];
}

/** Shorter, it is how long a write takes. */
const OUTAGE_MS = 500;

function seconds(ms: number, digits: number): string {
  return `${(ms / 1000).toFixed(digits)} s`;
}
