import type { Checker } from './checker.ts';

/**
 * No server runs on files that pg_rewind began to change and did not finish: they are of two histories, and need not look
 * like it. Such a server would answer with what never was, and could win a race.
 */
export function halfRewoundNeverRuns(): Checker {
  return {
    name: 'half-rewound-never-runs',
    hears: ['server'],
    see: (fact) => {
      if (fact.kind !== 'server' || fact.files?.isHalfRewound !== true) return null;
      const isRunning = fact.state !== 'down' && fact.state !== 'orphaned';
      return isRunning ? `${fact.host} runs on a directory that is half rewound` : null;
    },
  };
}
