import type { Checker } from './checker.ts';

/**
 * No standby is told to follow a history that is not its own: two nodes that promote one after the other, neither having seen
 * the other's timeline, make two branches of one number, which PostgreSQL itself cannot tell apart. A receiver that
 * reconnects by itself to an address that holds another branch by then is not covered (docs/faults.md).
 */
export function standbysFollowTheirOwnHistory(): Checker {
  return {
    name: 'standbys-follow-their-own-history',
    hears: ['follows-another-history'],
    see: (fact) => {
      if (fact.kind !== 'follows-another-history' || !fact.askedFor) return null;
      return `${fact.host} follows ${fact.from} on another branch that is timeline ${fact.timeline}, too`;
    },
  };
}
