import { eventRows } from '../../terminal/event-rows.ts';
import type { Line } from '../../terminal/line.ts';
import type { Model } from '../model/model.ts';

/** The last events that fit, oldest first, with the time since the beginning. */
export function eventsOf(
  { events, wallStartedAt }: Model,
  size: { readonly columns: number; readonly rows: number },
): readonly Line[] {
  const rows = events.map(({ wallAt, ...event }) => {
    return { ...event, when: ((wallAt - wallStartedAt) / 1000).toFixed(2).padStart(8) };
  });
  return eventRows(rows, { ...size, whoWidth: WHO_WIDTH });
}

/** `node1`, `probe` and a blank. */
const WHO_WIDTH = 6;
