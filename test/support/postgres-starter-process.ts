/**
 * A stand-in for an agent in a process of its own: starts the PostgreSQL of the configuration in its first argument,
 * says so on its output, and waits to be killed.
 */

import { createPostgres } from '../../src/adapters/postgres/create-postgres.ts';
import type { AgentConfig } from '../../src/domain/agent-config.ts';
import { millis } from '../../src/domain/time.ts';
import { desired, silentLog, taskContext, testClock } from './postgres.ts';

const config = JSON.parse(process.argv[2] ?? '') as AgentConfig;
const postgres = createPostgres({ config, clock: testClock, log: silentLog });
const task = { kind: 'start', desired: desired(null), timeout: millis(60_000) } as const;
const outcome = await postgres.run(task, taskContext());
console.log(JSON.stringify(outcome));
setInterval(() => undefined, 60_000);
