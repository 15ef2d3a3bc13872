import type { Checker } from './checker.ts';

/**
 * pg_rewind runs with the local server down, from a primary that has checkpointed on its timeline (spec/ha.md S17). And
 * it takes all local WAL for replayed: what has not reached the end of the last rewind, or backup, is not rewound; nor what
 * was stopped in crash recovery, of which it reads no more than the last checkpoint.
 */
export function rewindOnlyFromCheckpointedPrimary(): Checker {
  return {
    name: 'rewind-only-from-checkpointed-primary',
    hears: ['rewinding'],
    see: (fact) => {
      if (fact.kind !== 'rewinding') return null;
      if (fact.localServer === 'up') return `${fact.host} rewinds while its server runs`;
      if (fact.localFiles === 'before-backup-end') return `${fact.host} rewinds files that are not consistent yet`;
      if (fact.localFiles === 'crash-recovery') return `${fact.host} rewinds what was stopped in crash recovery`;
      // A source that ceased to be a primary makes pg_rewind fail; one without its checkpoint makes it lie.
      if (fact.sourceState !== 'primary-without-checkpoint') return null;
      return `${fact.host} rewinds from ${fact.from}, whose checkpoint on its timeline is not done`;
    },
  };
}
