import type { JsonObject } from '../../domain/json.ts';

/** Paths that load balancers ask, and what each asks (spec/rest-api.md 7). */
export const healthChecks: Readonly<Record<string, string>> = {
  '/': 'Is this the primary, with the lock?',
  '/primary': 'Is this the primary, with the lock?',
  '/master': 'Is this the primary, with the lock?',
  '/read-write': 'Is this the primary, with the lock?',
  '/leader': 'Does this member have the lock?',
  '/standby-leader': 'Does this member lead a standby cluster?',
  '/standby_leader': 'Does this member lead a standby cluster?',
  '/replica': 'Is this a running replica that takes load?',
  '/read-only': 'May be read from here: a replica, or whoever leads?',
  '/sync': 'Is this a synchronous standby?',
  '/synchronous': 'Is this a synchronous standby?',
  '/read-only-sync': 'A synchronous standby, or whoever leads?',
  '/read-only-synchronous': 'A synchronous standby, or whoever leads?',
  '/quorum': 'Is this a standby of the quorum?',
  '/read-only-quorum': 'A standby of the quorum, or whoever leads?',
  '/async': 'Is this a replica that commits do not wait for?',
  '/asynchronous': 'Is this a replica that commits do not wait for?',
  '/health': 'Does PostgreSQL run?',
};

export const lagParameter: JsonObject = {
  name: 'lag',
  in: 'query',
  description: 'How many bytes a replica may be behind: `1048576`, `16MB`. What cannot be read switches the check off.',
  schema: { type: 'string' },
};

export const healthParameters: readonly JsonObject[] = [
  lagParameter,
  {
    name: 'replication_state',
    in: 'query',
    description: 'The state that a replica has to be in.',
    schema: { type: 'string', enum: ['streaming', 'in archive recovery'] },
  },
  {
    name: 'tag_NAME',
    in: 'query',
    description: 'The value that the tag NAME has to have; any number of them, for any NAME.',
    schema: { type: 'string' },
  },
];
