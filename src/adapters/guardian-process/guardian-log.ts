import { appendFileSync, statSync, truncateSync } from 'node:fs';
import type { GuardianEffect } from '../../ports/guardian.ts';

type GuardianLogLine = Extract<GuardianEffect, { readonly kind: 'log' }>;

const LOG_BYTES_MAX = 65_536;

/**
 * A small file beside the socket: what the guardian did while no agent was there to be told. Not the agent's own
 * standard error, which may be a pipe that nobody reads any more and would then block the guardian.
 */
export function guardianLog(path: string): (line: GuardianLogLine) => void {
  return ({ level, event, fields }) => {
    try {
      const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      if (size > LOG_BYTES_MAX) truncateSync(path);
      appendFileSync(path, `${JSON.stringify({ at: new Date().toISOString(), level, event, ...fields })}\n`, {
        mode: 0o600,
      });
    } catch {
      // A full disk must not keep it from fencing.
    }
  };
}
