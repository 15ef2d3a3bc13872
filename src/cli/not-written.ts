import type { WriteOutcome } from '../domain/store-write.ts';
import { type Stop, stop } from './stop.ts';

/**
 * The end of a command that no agent answered, and whose own write the store did not confirm: why, and whether nothing came
 * of it. `wish`: what was asked for, and what may have come of it all the same.
 */
export function notWritten(
  outcome: Exclude<WriteOutcome, { kind: 'written' }>,
  wish: { readonly request: string; readonly perhaps: string },
): Stop {
  switch (outcome.kind) {
    case 'no-answer':
      return stop(
        `No agent answered, and the store did not confirm ${wish.request} (${outcome.reason}): ${wish.perhaps}`,
      );
    case 'refused':
      return stop(`No agent answered, and the store refused ${wish.request} (${outcome.reason})`);
    case 'conflict':
    case 'lease-gone':
      return stop(`No agent answered, and somebody else has changed meanwhile what ${wish.request} is about`);
  }
}
