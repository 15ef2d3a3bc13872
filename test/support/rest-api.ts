import { connect } from 'node:net';
import { afterEach } from 'vitest';
import { createMeters } from '../../src/adapters/meters/create-meters.ts';
import { lookUp } from '../../src/adapters/names/look-up.ts';
import { type Api, startApi } from '../../src/api/start-api.ts';
import type { ApiConfig } from '../../src/domain/agent-config.ts';
import type { HistoryEvent } from '../../src/domain/history-event.ts';
import type { NodeSnapshot } from '../../src/domain/node-snapshot.ts';
import type { AgentRequest, RequestAnswer } from '../../src/domain/requests.ts';
import type { LogFields } from '../../src/ports/log.ts';
import { leaderSnapshot, NOW, WALL_NOW } from './node-snapshot.ts';

const open: Api[] = [];

/** Ask for it once in each file that serves: what was opened is closed after each test. */
export function closeApis(): void {
  afterEach(async () => {
    await Promise.all(open.splice(0).map((api) => api.close()));
  });
}

export type Setup = {
  readonly config?: Partial<ApiConfig>;
  readonly snapshot?: NodeSnapshot | null;
  readonly answer?: RequestAnswer | Error | 'never';
  readonly events?: readonly HistoryEvent[];
};

/** The real API in front of an agent that answers as it is told. */
export async function serving(setup: Setup = {}) {
  const requests: AgentRequest[] = [];
  const logged: { event: string; fields: LogFields }[] = [];
  const snapshot = setup.snapshot === undefined ? leaderSnapshot() : setup.snapshot;
  const config = { ...leaderSnapshot().observation.config.api, listenHost: '127.0.0.1', port: 0, ...setup.config };
  const api = await startApi({
    config,
    snapshot: () => snapshot,
    clock: { now: () => NOW, wallNow: () => WALL_NOW, suspended: () => 0 },
    request: (request) => {
      requests.push(request);
      const answer = setup.answer ?? { kind: 'text', status: 202, text: 'reload scheduled' };
      if (answer === 'never') return new Promise(() => undefined);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    meters: () => createMeters().readings(),
    lookUp,
    events: {
      record: () => undefined,
      newest: (limit) => (setup.events ?? []).slice(limit === null ? 0 : -limit),
    },
    log: { write: (_level, event, fields) => logged.push({ event, fields }) },
  });
  open.push(api);
  return {
    api,
    config,
    requests,
    logged,
    port: api.port,
    ask: (head: string, body?: string) => ask(api.port, head, body),
  };
}

/** The bytes of the whole answer: the server closes after each one. */
export function ask(port: number, head: string, body?: string): Promise<string> {
  const [first, ...headers] = head.split('\n');
  const length = body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  const lines = [`${first ?? ''} HTTP/1.1`, 'Host: n1', ...headers, ...length];
  return exchange(port, `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`);
}

/** Sends it all, closes its own side, and waits for the other end to close. */
export function exchange(port: number, request: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1').setEncoding('latin1');
    socket.on('data', (text) => {
      answer += text.toString();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', () => undefined);
    socket.end(request);
  });
}

export const statusOf = (answer: string): number => Number(answer.split(' ')[1]);
export const bodyOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4);
export const basic = (text: string): string => `Authorization: Basic ${Buffer.from(text).toString('base64')}`;
