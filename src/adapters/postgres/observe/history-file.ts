import { join } from 'node:path';
import type { ControlData, ServerAnswer } from '../../../domain/postgres-report.ts';
import type { Timeline, TimelineHistory } from '../../../domain/timeline.ts';
import { readText } from '../files/write-file.ts';
import { parseHistory } from '../history.ts';
import type { ServerLife } from './server-life.ts';

/** The timeline that the WAL here lies on: the server's word, else the control file's. */
export function timelineHere(server: ServerAnswer, control: ControlData | null): Timeline | null {
  if (server.kind === 'primary' || server.kind === 'standby') return server.timeline;
  return control === null ? null : (control.minRecoveryTimeline ?? control.checkpointTimeline);
}

/**
 * Reads `pg_wal/<timeline>.history`. Under one server it never changes once it is written, so each is read once; after a
 * rewind or a new copy the same number may be another branch.
 */
export function historyFileReader(dataDir: string): (asked: Asked) => Promise<TimelineHistory | null> {
  let known: TimelineHistory | null = null;
  let readIn: ServerLife = null;
  return async ({ timeline: of, life }) => {
    if (of === null || of === 1) return null;
    if (known?.of === of && life !== null && life === readIn) return known;
    const name = `${of.toString(16).toUpperCase().padStart(8, '0')}.history`;
    const text = await readText(join(dataDir, 'pg_wal', name));
    known = text === null ? null : parseHistory(of, text);
    readIn = life;
    return known;
  };
}

type Asked = { readonly timeline: Timeline | null; readonly life: ServerLife };
