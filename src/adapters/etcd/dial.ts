import type { Millis } from '../../domain/time.ts';

/** What dialing needs of a connection. */
export type Dialable = {
  up(limit: Millis): Promise<string | null>;
  close(reason: string): void;
};

export type Dialed<Line> =
  /** `tried`: how many of the others were given a chance before it. */
  | { readonly kind: 'up'; readonly line: Line; readonly tried: number }
  | { readonly kind: 'none'; readonly reason: string };

/**
 * Connect to the first endpoint that can be reached. One that neither accepts nor refuses (a host that is gone) costs only
 * `headStart`: then the next is tried beside it, and whichever is up first is taken ("happy eyeballs", RFC 8305).
 * @returns `none` when all failed, each within `limit`.
 */
export function dial<Endpoint, Line extends Dialable>(options: {
  /** In order of preference. */
  readonly endpoints: readonly Endpoint[];
  /** Begins a connection. Throws when it cannot even begin: an unreadable certificate. */
  readonly open: (endpoint: Endpoint) => Line;
  readonly headStart: Millis;
  readonly limit: Millis;
}): Promise<Dialed<Line>> {
  return new Promise((resolve) => {
    const pending = new Set<Line>();
    const reasons: string[] = [];
    let begun = 0;
    let nextTurn: NodeJS.Timeout | undefined;

    const settle = (outcome: Dialed<Line>): void => {
      clearTimeout(nextTurn);
      for (const line of pending) line.close('another endpoint was faster');
      pending.clear();
      resolve(outcome);
    };
    const failed = (reason: string): void => {
      reasons.push(reason);
      clearTimeout(nextTurn);
      tryNext();
    };
    const tryNext = (): void => {
      const tried = begun;
      const endpoint = options.endpoints[begun++];
      if (endpoint === undefined) {
        if (pending.size === 0) settle({ kind: 'none', reason: reasons.join('; ') });
        return;
      }
      const line = begin(options.open, endpoint);
      if (typeof line === 'string') {
        failed(line);
        return;
      }
      pending.add(line);
      nextTurn = setTimeout(tryNext, options.headStart);
      void line.up(options.limit).then((problem) => {
        if (!pending.delete(line)) return;
        if (problem === null) {
          settle({ kind: 'up', line, tried });
          return;
        }
        line.close(problem);
        failed(problem);
      });
    };
    tryNext();
  });
}

function begin<Endpoint, Line>(open: (endpoint: Endpoint) => Line, endpoint: Endpoint): Line | string {
  try {
    return open(endpoint);
  } catch (error) {
    // The world's fault, not ours: a file that is missing or is no certificate.
    return error instanceof Error ? error.message : String(error);
  }
}
