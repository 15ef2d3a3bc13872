import { expect, test } from 'vitest';
import { replicationStatements, superuserStatements } from './roles.ts';

const role = (username: string, password: string | null = 'pw') => ({ username, password, connection: {} });

test('a superuser without a password is left as initdb made it', () => {
  expect(superuserStatements({ superuser: role('postgres', null) })).toEqual([]);
  expect(superuserStatements({ superuser: role('postgres') })).toHaveLength(1);
});

test('PG-49: the rewind role may call four functions and nothing else', () => {
  const statements = replicationStatements({
    superuser: role('postgres'),
    replication: role('replicator'),
    rewind: role('rewinder'),
  });
  expect(statements.filter((each) => typeof each === 'string' && each.startsWith('GRANT EXECUTE'))).toHaveLength(4);
  expect(JSON.stringify(statements)).not.toContain('SUPERUSER');
});

test('where the superuser rewinds, there is no rewind role', () => {
  const superuser = role('postgres');
  expect(replicationStatements({ superuser, replication: role('replicator'), rewind: superuser })).toHaveLength(1);
});

test('one role that replicates and rewinds keeps its right to replicate', () => {
  const both = role('both');
  const statements = replicationStatements({ superuser: role('postgres'), replication: both, rewind: both });
  expect(statements.filter((each) => typeof each !== 'string')).toEqual([
    {
      role: 'both',
      whereItIs: `ALTER ROLE "both" WITH REPLICATION LOGIN PASSWORD 'pw'`,
      whereItIsNot: `CREATE ROLE "both" WITH REPLICATION LOGIN PASSWORD 'pw'`,
    },
  ]);
});

test('quotes and backslashes in names and passwords stay inside their literal', () => {
  const [statement] = superuserStatements({ superuser: role(`o"p`, String.raw`it's\n`) });
  expect(statement?.whereItIs).toBe(String.raw`ALTER ROLE "o""p" WITH SUPERUSER LOGIN PASSWORD E'it''s\\n'`);
});
