import type { Json, JsonObject } from './json.ts';
import type { ScheduledRestart } from './orders.ts';
import { plainTime } from './time-text.ts';

/** A scheduled restart as the member's key and `/cluster` show it: when, of which postmaster, and the filters posted. */
export function publishedRestart(restart: ScheduledRestart): JsonObject {
  const { schedule, ...filters } = restartStatus(restart);
  return { schedule: schedule ?? '', postmaster_start_time: plainTime(restart.postmaster.startedAt), ...filters };
}

/** The same in the member's own status document, which tells its postmaster's start by itself. */
export function restartStatus({ text, timeout, filters }: ScheduledRestart): JsonObject {
  const { role, olderThan, restartPending } = filters;
  const status: Record<string, Json> = { schedule: text };
  if (role !== null) status['role'] = role;
  if (olderThan !== null) status['postgres_version'] = olderThan.text;
  if (restartPending !== null) status['restart_pending'] = restartPending.posted;
  if (timeout !== null) status['timeout'] = timeout / 1000;
  return status;
}
