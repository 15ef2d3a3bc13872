import type { Instant } from '../../domain/time.ts';
import { type EventRow, eventRows } from '../../terminal/event-rows.ts';
import { leaselessRow, leaseRow } from '../../terminal/lease-row.ts';
import { fit, type Line, span } from '../../terminal/line.ts';
import type { Size } from '../../terminal/size.ts';
import { localTime } from '../local-time.ts';
import { changeText } from './change-text.ts';
import type { Change } from './changes.ts';
import { headerRows } from './header.ts';
import { helpRows } from './help.ts';
import { factsOf } from './member-facts.ts';
import { memberRows } from './member-rows.ts';
import type { Scene } from './scene.ts';

/** What somebody at the keyboard looks at. */
export type Page = 'cluster' | 'help';

export type Watched = {
  readonly scene: Scene;
  /** Oldest first. */
  readonly changes: readonly Change[];
  /** On the monotonic clock that the lease's deadline is on. */
  readonly now: Instant;
};

/** The whole screen: exactly as many lines as it has, none longer than it is wide. */
export function renderWatch(watched: Watched, page: Page, size: Size): readonly Line[] {
  const { scene } = watched;
  const top = [...headerRows(scene, size.columns), blank];
  const bottom = [blank, footer(page)];
  const room = Math.max(0, size.rows - top.length - bottom.length);
  const body = page === 'help' ? helpRows() : clusterRows(watched, { ...size, rows: room });
  const filling = Array.from({ length: Math.max(0, room - body.length) }, () => blank);
  const lines = [...[...top, ...body, ...filling].slice(0, Math.max(0, size.rows - bottom.length)), ...bottom];
  return lines.slice(0, size.rows).map((line) => fit(line, size.columns));
}

const blank: Line = [];

function clusterRows(watched: Watched, size: Size): readonly Line[] {
  const { scene, changes } = watched;
  const facts = factsOf(scene);
  const membersMax = Math.max(1, size.rows - ROWS_BESIDE_MEMBERS - EVENTS_MIN);
  const upper = [
    ...memberRows(facts, { lastLsn: scene.view.status.lastLsn, columns: size.columns, rows: membersMax }),
    blank,
    leaseOf(watched, size.columns),
    blank,
  ];
  const whoWidth = Math.min(WHO_MAX, Math.max(...facts.map(({ name }) => name.length), 'store'.length)) + 1;
  const rows = changes.map((change): EventRow => {
    return { when: whenText(change, scene), ...changeText(change) };
  });
  return [...upper, ...eventRows(rows, { columns: size.columns, rows: size.rows - upper.length, whoWidth })];
}

/** Titles, the lease, and what separates them. */
const ROWS_BESIDE_MEMBERS = 4;
/** However many members there are, some of what happened is seen. */
const EVENTS_MIN = 4;
const WHO_MAX = 16;

/** The time of today, or the day. */
function whenText({ at }: Change, { wallAt }: Scene): string {
  const [day = '', time = ''] = localTime(at).split(' ');
  return ` ${localTime(wallAt).startsWith(day) ? time.padEnd(day.length) : day}`;
}

function leaseOf({ scene, now }: Watched, columns: number): Line {
  const { lease, view } = scene;
  if (view.lock === null) return leaselessRow('nobody holds it');
  const { holder } = view.lock;
  const leftMs = lease === null ? 0 : lease.deadline - now;
  // A lease that ended takes its key along, so one that is still there is renewed, only not before our eyes.
  if (leftMs <= 0) return leaselessRow(`${holder} holds it; its agent does not say how much of it is left`);
  const ttlMs = view.config.kind === 'valid' ? view.config.config.ttl : leftMs;
  return leaseRow({ holder, leftMs, ttlMs: Math.max(ttlMs, leftMs) }, columns);
}

function footer(page: Page): Line {
  if (page === 'help') return [span(' any key goes back to the cluster', 'dim')];
  return [span(' q', 'bold'), span(' quit', 'dim'), span('  ?', 'bold'), span(' help', 'dim')];
}
