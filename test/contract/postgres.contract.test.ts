import { Client } from 'pg';
import { expect } from 'vitest';
import { processesOf } from '../../src/adapters/postgres/process/cluster-processes.ts';
import { processEntry } from '../../src/adapters/postgres/process/process-table.ts';
import { millis } from '../../src/domain/time.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';
import { type PostgresWorld, postgresContract } from './postgres.suite.ts';

becomeOrdinaryUser();

postgresContract('a real server', makeWorld);

function makeWorld(): Promise<PostgresWorld> {
  const members: RealMember[] = [];
  const clients: Client[] = [];

  async function connect(member: RealMember): Promise<Client> {
    const { port, superuser } = member.config.postgres;
    const client = new Client({
      host: 'localhost',
      port,
      user: superuser.username,
      password: superuser.password ?? '',
      database: 'postgres',
    });
    client.on('error', () => undefined);
    clients.push(client);
    await client.connect();
    return client;
  }

  async function walFiles(client: Client): Promise<readonly string[]> {
    const { rows } = await client.query<{ name: string }>("SELECT name FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]+$'");
    return rows.map(({ name }) => name);
  }

  function signalAll(member: RealMember, signal: NodeJS.Signals): Promise<void> {
    for (const pid of processesOf(member.config.postgres.dataDir, new Set(['postgres']))) process.kill(pid, signal);
    return Promise.resolve();
  }

  return Promise.resolve({
    member: async (name) => {
      const real = await realMember(name);
      members.push(real);
      return {
        name: real.name,
        postgres: real.postgres,
        upstream: real.upstream,
        desired: (upstream) => desired(upstream === null ? null : { from: upstream, as: real.name }),
        context: taskContext,
        commit: async () => {
          const client = await connect(real);
          await client.query('CREATE TABLE IF NOT EXISTS commits (at timestamptz)');
          await client.query('INSERT INTO commits SELECT now() FROM generate_series(1, 100)');
          await client.end();
        },
        beginCommit: async () => {
          const client = await connect(real);
          let isDone = false;
          void client.query('INSERT INTO commits SELECT now()').then(
            () => (isDone = true),
            () => undefined,
          );
          return () => isDone;
        },
        keepBackendBusy: async () => {
          const client = await connect(real);
          // A loop of arithmetic never waits, so it never learns that the postmaster is gone.
          void client.query('SELECT count(*) FROM generate_series(1, 100000000000)').catch(() => undefined);
          const watcher = await connect(real);
          let busy = false;
          while (!busy) {
            const { rows } = await watcher.query(
              "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT count(*) FROM generate%'",
            );
            busy = rows.length > 0;
          }
          await watcher.end();
        },
        killPostmaster: async () => {
          const report = (await real.postgres.look(millis(3_000))).process;
          if (report.kind !== 'running') throw new Error('no postmaster runs');
          process.kill(report.pid, 'SIGKILL');
          await expect.poll(() => processEntry(report.pid)).toBeNull();
        },
        removeOldWal: async () => {
          const client = await connect(real);
          await client.query('ALTER SYSTEM SET wal_keep_size = 0');
          await client.query('SELECT pg_reload_conf(), pg_drop_replication_slot(slot_name) FROM pg_replication_slots');
          const before = await walFiles(client);
          for (let missing = 0; missing < before.length; ) {
            await client.query('CREATE TABLE IF NOT EXISTS filler (at timestamptz)');
            await client.query('INSERT INTO filler SELECT now()');
            await client.query('SELECT pg_switch_wal()');
            await client.query('CHECKPOINT');
            const now = await walFiles(client);
            missing = before.filter((name) => !now.includes(name)).length;
          }
          await client.end();
        },
        pauseReplay: async () => {
          const client = await connect(real);
          await client.query('SELECT pg_wal_replay_pause()');
          let state: unknown = null;
          while (state !== 'paused') {
            const { rows } = await client.query<{ state: string }>('SELECT pg_get_wal_replay_pause_state() AS state');
            state = rows[0]?.state;
          }
          await client.end();
        },
        resumeReplay: async () => {
          const client = await connect(real);
          await client.query('SELECT pg_wal_replay_resume()');
          await client.end();
        },
        stickBackend: async () => {
          const client = await connect(real);
          const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
          for (const { pid } of rows) process.kill(pid, 'SIGSTOP');
        },
        suspend: () => signalAll(real, 'SIGSTOP'),
        resume: () => signalAll(real, 'SIGCONT'),
      };
    },
    end: async () => {
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
      for (const member of members) await member.end();
    },
  });
}
