import type { TaskContext } from '../../../ports/postgres.ts';

/** What came of a method; the words of one that failed are for people. */
export type CopyAttempt =
  | { readonly kind: 'copied' }
  | { readonly kind: 'failed'; readonly reason: string; readonly detail: string }
  | { readonly kind: 'cancelled' };

export type CopyContext = Pick<TaskContext, 'signal' | 'progress'>;
