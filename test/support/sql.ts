import { Client, type QueryResultRow } from 'pg';
import type { Credentials, LocalPostgresConfig } from '../../src/domain/agent-config.ts';

/** One statement on a connection of its own, as an application would send it. */
export async function sql(
  postgres: Pick<LocalPostgresConfig, 'port' | 'superuser'>,
  text: string,
  as: Credentials = postgres.superuser,
): Promise<readonly QueryResultRow[]> {
  const client = new Client({
    host: 'localhost',
    port: postgres.port,
    user: as.username,
    password: as.password ?? '',
    database: 'postgres',
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<QueryResultRow>(text)).rows;
  } finally {
    await client.end();
  }
}
