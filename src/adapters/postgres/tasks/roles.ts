import type { Credentials, LocalPostgresConfig } from '../../../domain/agent-config.ts';

/**
 * Settings of the session that creates roles: nothing that could carry a password reaches the server's log, whatever
 * the configuration logs otherwise (spec/postgres.md 9.3); and no commit waits for a standby that does not exist yet.
 */
export const UNLOGGED_SESSION: Readonly<Record<string, string>> = {
  synchronous_commit: 'local',
  log_statement: 'none',
  log_duration: 'off',
  log_min_duration_statement: '-1',
  log_min_duration_sample: '-1',
  log_transaction_sample_rate: '0',
  log_min_error_statement: 'panic',
  debug_print_parse: 'off',
  debug_print_rewritten: 'off',
  debug_print_plan: 'off',
  'pg_stat_statements.track': 'none',
  'pg_stat_statements.track_utility': 'off',
  'pgaudit.log': 'none',
  'auto_explain.log_min_duration': '-1',
};

const REWIND_FUNCTIONS = [
  'pg_ls_dir(text, boolean, boolean)',
  'pg_stat_file(text, boolean)',
  'pg_read_binary_file(text)',
  'pg_read_binary_file(text, bigint, bigint, boolean)',
];

/**
 * Of a role that may be there already one of two statements. Not a block that looks for itself: whatever goes wrong within one the
 * server's log tells with its context, which is the statement with the password.
 */
export type RoleStatement = {
  readonly role: string;
  readonly whereItIs: string;
  readonly whereItIsNot: string;
};

/** The superuser's password; nothing when it has none of its own. Run before post_bootstrap. */
export function superuserStatements(config: Pick<LocalPostgresConfig, 'superuser'>): readonly RoleStatement[] {
  return config.superuser.password === null ? [] : [roleStatement(config.superuser, 'SUPERUSER LOGIN')];
}

/** The roles that replicas use: one that replicates, and one that may read what pg_rewind needs. */
export function replicationStatements(
  config: Pick<LocalPostgresConfig, 'superuser' | 'replication' | 'rewind'>,
): readonly (RoleStatement | string)[] {
  const statements: (RoleStatement | string)[] = [];
  if (config.replication.username !== config.superuser.username) {
    statements.push(roleStatement(config.replication, 'REPLICATION LOGIN'));
  }
  if (config.rewind.username !== config.superuser.username) {
    statements.push(
      // One role for both must keep its right to replicate.
      ...(config.rewind.username === config.replication.username ? [] : [roleStatement(config.rewind, 'LOGIN')]),
      ...REWIND_FUNCTIONS.map(
        (name) => `GRANT EXECUTE ON FUNCTION pg_catalog.${name} TO ${identifier(config.rewind.username)}`,
      ),
    );
  }
  return statements;
}

/** Create the role, or give an existing one these attributes. */
function roleStatement(role: Credentials, attributes: string): RoleStatement {
  const password = role.password === null ? '' : ` PASSWORD ${literal(role.password)}`;
  const what = `ROLE ${identifier(role.username)} WITH ${attributes}${password}`;
  return { role: role.username, whereItIs: `ALTER ${what}`, whereItIsNot: `CREATE ${what}` };
}

function identifier(name: string): string {
  return `"${name.replace(/"/g, '""')}"`;
}

/** With an `E` where a backslash is in it, so that it means the same whatever standard_conforming_strings says. */
function literal(text: string): string {
  const quoted = `'${text.replace(/\\/g, '\\\\').replace(/'/g, "''")}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}
