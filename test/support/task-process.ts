/**
 * A stand-in for an agent in a process of its own, to be killed while it works: carries out the work in its second
 * argument on the PostgreSQL of the configuration in its first, and says when it begins and what came of it.
 */

import { createPostgres } from '../../src/adapters/postgres/create-postgres.ts';
import type { AgentConfig } from '../../src/domain/agent-config.ts';
import type { DesiredPostgres } from '../../src/domain/desired-postgres.ts';
import type { PostgresTask } from '../../src/domain/task.ts';
import { silentLog, taskContext, testClock } from './postgres.ts';

export type Work = PostgresTask | { readonly kind: 'reconfigure'; readonly desired: DesiredPostgres };

const config = JSON.parse(process.argv[2] ?? '') as AgentConfig;
const work = JSON.parse(process.argv[3] ?? '') as Work;
const serverOutput = { kind: 'file', path: process.argv[4] ?? '' } as const;
const postgres = createPostgres({ config, clock: testClock, log: silentLog, serverOutput });
console.log('begins');
const outcome =
  work.kind === 'reconfigure' ? await postgres.reconfigure(work.desired) : await postgres.run(work, taskContext());
console.log(JSON.stringify(outcome));
process.exit(0);
