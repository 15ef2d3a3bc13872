/** Carries requests for the test into the network of the hosts: run there, spoken to over the channel to its parent. */
import pg from 'pg';
import type { Errand, Report } from './courier.ts';

process.on('message', (errand: Errand) => {
  void carryOut(errand).then((report) => process.send?.(report));
});
process.once('disconnect', () => process.exit());

async function carryOut(errand: Errand): Promise<Report> {
  try {
    return errand.kind === 'http' ? await request(errand) : await query(errand);
  } catch (error) {
    return { id: errand.id, kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

async function request({ id, url, method, body, limitMs }: Errand & { kind: 'http' }): Promise<Report> {
  const headers = { connection: 'close', ...(body === null ? {} : { 'content-type': 'application/json' }) };
  const answer = await fetch(url, { method, body, headers, signal: AbortSignal.timeout(limitMs) });
  return { id, kind: 'answered', status: answer.status, text: await answer.text() };
}

async function query({ id, text, limitMs, ...where }: Errand & { kind: 'sql' }): Promise<Report> {
  const { host, port, user, password } = where;
  const client = new pg.Client({
    ...{ host, port, user, password, database: 'postgres' },
    connectionTimeoutMillis: limitMs,
    query_timeout: limitMs,
    application_name: 'courier',
  });
  client.on('error', () => {}); // The query's own failure says as much.
  try {
    await client.connect();
    const { rows } = await client.query<unknown[]>({ text, rowMode: 'array' });
    return { id, kind: 'rows', rows };
  } finally {
    void client.end().catch(() => {});
  }
}
