import type { Credentials } from '../../domain/agent-config.ts';
import { isTruthy } from '../../domain/tags.ts';
import type { Section } from './section.ts';
import { hasSection, problem, requiredText, subsection, text } from './section.ts';

export type PostgresUsers = {
  readonly superuser: Credentials;
  readonly replication: Credentials;
  readonly rewind: Credentials;
};

/**
 * Who connects to PostgreSQL for what. Without `rewind` the superuser rewinds; without `superuser` the user whom
 * PostgreSQL's own tools would take.
 * @param systemUser the name of the operating system's user
 * @see spec/config.md 5 (step C) and 9.9.1
 */
export function readUsers(postgresql: Section, systemUser: string): PostgresUsers {
  const section = hasSection(postgresql, 'authentication') ? subsection(postgresql, 'authentication') : postgresql;
  const superuserKey = section.values['superuser'] === undefined ? FORMER_REWIND : 'superuser';
  const superuser = readOptional(section, superuserKey) ?? { username: systemUser, password: null, connection: {} };
  return {
    superuser,
    replication: readReplication(postgresql, section),
    rewind: readOptional(section, 'rewind') ?? superuser,
  };
}

/** Before `authentication` there were `postgresql.replication`, `superuser` and `pg_rewind`. */
const FORMER_REWIND = 'pg_rewind';

export function isFormerLayout(postgresql: Section): boolean {
  return !hasSection(postgresql, 'authentication');
}

function readReplication(postgresql: Section, section: Section): Credentials {
  if (!hasSection(section, 'replication')) {
    const place = hasSection(postgresql, 'authentication') ? section : subsection(postgresql, 'authentication');
    problem(place, 'replication', 'is missing: give the username and password that replicas connect with');
    return { username: '', password: null, connection: {} };
  }
  const user = subsection(section, 'replication');
  return read(user, requiredText(user, 'username', 'replicas connect as this user'));
}

function readOptional(section: Section, key: string): Credentials | null {
  if (!hasSection(section, key)) {
    if (isTruthy(section.values[key])) problem(section, key, 'must be a section with username and password');
    return null;
  }
  const user = subsection(section, key);
  if (Object.keys(user.values).length === 0) return null;
  return read(user, requiredText(user, 'username', 'name the user of this section, or remove the section'));
}

function read(user: Section, username: string): Credentials {
  const connection = CONNECTION_KEYWORDS.flatMap((keyword) => {
    const value = text(user, keyword);
    return value === null ? [] : [[keyword, value] as const];
  });
  return { username, password: text(user, 'password'), connection: Object.fromEntries(connection) };
}

const CONNECTION_KEYWORDS = [
  'sslmode',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslrootcert',
  'sslcrl',
  'sslcrldir',
  'gssencmode',
  'channel_binding',
  'sslnegotiation',
] as const;
