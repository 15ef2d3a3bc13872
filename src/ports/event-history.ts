import type { HistoryEvent } from '../domain/history-event.ts';

/** What changed here and why: of bounded length, and it outlives the agent where a file can be written. */
export type EventHistory = {
  record(event: HistoryEvent): void;
  /** The newest `limit` of those that are kept, oldest first; `null`: all. */
  newest(limit: number | null): readonly HistoryEvent[];
};
