import type { Lsn } from '../../../domain/lsn.ts';
import type { ControlData, WalReceiver } from '../../../domain/postgres-report.ts';
import { type Timeline, timeline } from '../../../domain/timeline.ts';
import type { SessionOutcome } from '../connection/session.ts';
import { within } from '../wait.ts';
import type { ServerLife } from './server-life.ts';

/**
 * The timeline that a standby's replay follows. While it streams, its WAL receiver knows; after that only a walsender
 * of the standby itself says it (IDENTIFY_SYSTEM), and it cannot change before replay moves, so it is asked once. Of an
 * earlier server nothing holds: it may have been rewound since. One that refuses us (pg_hba.conf) writes that into its
 * log each time, and is asked again after a while.
 */
export function standbyTimelineReader(
  openWalSender: (limitMs: number) => Promise<SessionOutcome>,
): (standby: StandbyFacts, limitMs: number) => Promise<Timeline | null> {
  let last: { readonly timeline: Timeline; readonly replayLsn: Lsn | null; readonly life: ServerLife } | null = null;
  let refused: { readonly at: number; readonly life: ServerLife } | null = null;
  const isResting = (life: ServerLife): boolean =>
    refused?.life === life && performance.now() - refused.at < REFUSED_REST_MS;
  return async (standby, limitMs) => {
    const { life, replayLsn } = standby;
    const known = last?.life === life ? last : null;
    const received = standby.walReceiver?.timeline ?? null;
    if (received !== null) {
      last = { timeline: received, replayLsn: null, life };
      return received;
    }
    if (known !== null && known.replayLsn !== null && known.replayLsn === replayLsn) return known.timeline;
    const answer = isResting(life) ? null : await identifyTimeline(openWalSender, limitMs);
    if (answer === 'refused') refused = { at: performance.now(), life };
    const asked = answer === 'refused' ? null : answer;
    if (asked !== null) last = { timeline: asked, replayLsn, life };
    return asked ?? known?.timeline ?? controlTimeline(standby.control);
  };
}

const REFUSED_REST_MS = 10_000;

export type StandbyFacts = {
  readonly life: ServerLife;
  readonly walReceiver: WalReceiver | null;
  readonly replayLsn: Lsn | null;
  readonly control: ControlData | null;
};

/** The last resort may be a timeline behind: pg_control follows replay at checkpoints only. */
function controlTimeline(control: ControlData | null): Timeline | null {
  if (control === null) return null;
  const recovery = control.minRecoveryTimeline;
  return recovery !== null && recovery > control.checkpointTimeline ? recovery : control.checkpointTimeline;
}

async function identifyTimeline(
  openWalSender: (limitMs: number) => Promise<SessionOutcome>,
  limitMs: number,
): Promise<Timeline | 'refused' | null> {
  const opened = await openWalSender(limitMs);
  if (opened.kind === 'refused') return 'refused';
  if (opened.kind !== 'open') return null;
  try {
    const rows = await within(opened.session.rows('IDENTIFY_SYSTEM'), limitMs);
    const text: unknown = rows?.[0]?.['timeline'];
    return typeof text === 'string' && /^\d+$/.test(text) ? timeline(Number(text)) : null;
  } catch {
    return null; // it broke while we asked: not known this time
  } finally {
    await opened.session.close();
  }
}
