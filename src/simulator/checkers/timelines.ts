import type { Checker } from './checker.ts';

/**
 * No standby follows a history that is not its own: two nodes that promote one after the other, neither having seen
 * the other's timeline, make two branches of one number, which PostgreSQL itself cannot tell apart.
 */
export function standbysFollowTheirOwnHistory(): Checker {
  return {
    name: 'standbys-follow-their-own-history',
    hears: ['follows-another-history'],
    see: (fact) => {
      if (fact.kind !== 'follows-another-history') return null;
      return `${fact.host} follows ${fact.from} on another branch that is timeline ${fact.timeline}, too`;
    },
  };
}
