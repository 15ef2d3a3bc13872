import type { PublishedRole } from './cluster-view.ts';

/** What an operator's command can be called for (spec/postgres.md 15). */
export type CallbackAction = (typeof callbackActions)[number];

export const callbackActions = ['on_start', 'on_stop', 'on_restart', 'on_reload', 'on_role_change'] as const;

/** One call of an operator's command: it gets action, role and scope as its last three arguments. */
export type Callback = {
  readonly action: CallbackAction;
  /** As configured, split like a shell command line. */
  readonly command: string;
  readonly role: CallbackRole;
};

/** What a member calls itself in front of operators' commands: one that is being promoted is a primary to them. */
export type CallbackRole = Exclude<PublishedRole, 'promoted' | 'unknown'>;
