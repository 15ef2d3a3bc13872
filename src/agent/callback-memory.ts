import type { CallbackRole } from '../domain/callback.ts';

/** What operators' commands were told of PostgreSQL, whether or not there are any. */
export type CallbackMemory = {
  /** The role in the last call; `null`: none was due yet. */
  readonly told: CallbackRole | null;
  /** What is due once PostgreSQL accepts connections; a change of role once its start has ended, however it ended. */
  readonly pending: 'on_start' | 'on_restart' | 'on_role_change' | null;
  /** A stop was begun while PostgreSQL ran. By its end a look may have shown that it runs no more. */
  readonly isStopping: boolean;
};

export const nothingTold: CallbackMemory = { told: null, pending: 'on_start', isStopping: false };
