import type { Checker } from './checker.ts';

/** No machine ever throws: a defect is survived in production, and is a bug all the same. */
export function noDefect(): Checker {
  return {
    name: 'no-defect',
    hears: ['defect'],
    see: (fact) => (fact.kind === 'defect' ? `${fact.actor} of ${fact.host}: ${fact.message}` : null),
  };
}
