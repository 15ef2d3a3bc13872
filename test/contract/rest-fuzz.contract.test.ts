/**
 * Whatever is thrown at the REST API, it goes on serving, lets go of every connection, and hands nothing to the agent that
 * was not asked for properly.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limits } from '../../src/api/limits.ts';
import { commands, documents } from '../../src/api/route.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { isLong } from '../support/e2e.ts';
import { replicaSnapshot } from '../support/node-snapshot.ts';
import { basic, closeApis, serving, statusOf } from '../support/rest-api.ts';

const ATTEMPTS = isLong ? 10_000 : 1_500;
/** Below the number of silent connections that are kept, so that each one lives as long as it likes. */
const AT_ONCE = 50;
const SEED = 7_070_001;

let folder = '';
let certificates: Certificates;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'matriarch-fuzz-'));
  certificates = await makeCertificates(folder, { serverAddress: '127.0.0.1' });
});
afterAll(() => rmSync(folder, { recursive: true }));
closeApis();

/** One connection: what is sent, in pieces, and how it ends. */
type Attempt = {
  readonly over: 'plain' | 'tls';
  readonly pieces: readonly Uint8Array[];
  readonly end: 'wait' | 'half-close' | 'close' | 'reset';
};

const paths = [
  ...documents,
  ...Object.keys(commands).map((call) => call.split(' ')[1] ?? ''),
  'primary',
  'replica',
  'sync',
];
const path = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...paths).map((name) => `/${name}`) },
  fc.webPath(),
  fc.string({ unit: 'binary', maxLength: 60 }).map((text) => `/${text}`),
  fc.constantFrom(
    '*',
    'http://n1/primary',
    '//primary',
    '/primary?lag=1e999',
    '/replica?lag=%',
    `/${'a'.repeat(20_000)}`,
  ),
);
const method = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('GET', 'HEAD', 'OPTIONS') },
  { weight: 6, arbitrary: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE') },
  fc.constantFrom('PROPFIND', 'CONNECT', 'TRACE', 'get', '', 'GET\t', 'M-SEARCH'),
);
const header = fc.oneof(
  fc.tuple(fc.string({ maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 40 })).map((pair) => pair.join(': ')),
  fc.constantFrom(
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: chunked, identity',
    'Content-Length: -1',
    'Content-Length: 99999999999',
    'Content-Length: 3\r\nContent-Length: 4',
    'Authorization: Basic',
    'Authorization: Basic dTpwcA==',
    `${basic('u:p')}x`,
    basic('u:wrong'),
    'Expect: 100-continue',
    'Expect: nothing',
    'Connection: keep-alive, upgrade',
    'Upgrade: h2c',
    `X: ${'x'.repeat(20_000)}`,
  ),
);
/** Nothing of it is a JSON object with fields. */
const badBody = fc.oneof(
  fc.constantFrom(
    '',
    '[]',
    '[1]',
    '1',
    '"text"',
    'null',
    '{',
    '{x}',
    '{"leader"',
    '\u0000',
    '{"a": 1}}',
    '['.repeat(50_000),
  ),
  fc.json().filter((text) => !text.startsWith('{')),
);
const version = fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/9.9', '', 'HTP');
const request = fc
  .record({
    method,
    path,
    version,
    headers: fc.array(header, { maxLength: 4 }),
    body: badBody,
    saysLength: fc.boolean(),
  })
  .map(({ method: verb, path: target, version: spoken, headers, body, saysLength }) => {
    const length = saysLength ? [`Content-Length: ${Buffer.byteLength(body)}`] : [];
    return Buffer.from(
      `${[`${verb} ${target} ${spoken}`, 'Host: n1', ...headers, ...length].join('\r\n')}\r\n\r\n${body}`,
    );
  });
const bytes = fc.oneof(
  { weight: 8, arbitrary: request },
  fc.uint8Array({ maxLength: 300 }),
  // The beginning of a TLS handshake, and nonsense after it.
  fc.uint8Array({ maxLength: 200 }).map((rest) => Buffer.concat([Buffer.from([22, 3, 1, 0, 200, 1]), rest])),
);
const attempt: fc.Arbitrary<Attempt> = fc.record({
  over: fc.constantFrom('plain', 'tls'),
  pieces: fc.tuple(bytes, fc.array(fc.nat({ max: 400 }), { maxLength: 3 })).map(([all, cuts]) => cutAt(all, cuts)),
  end: fc.constantFrom('half-close', 'half-close', 'close', 'reset'),
});

/** Whoever says nothing, or stops in the middle, and waits to be sent away. */
const patience: readonly Attempt[] = (['plain', 'tls'] as const).flatMap((over) =>
  ['', 'GET', 'GET /primary HTTP/1.1\r\n', 'POST /switchover HTTP/1.1\r\nContent-Length: 50\r\n\r\n{"leader"'].map(
    (text) => ({ over, pieces: [Buffer.from(text)], end: 'wait' }) as const,
  ),
);

test.each([
  ['plain', false],
  ['TLS', true],
] as const)(
  'over %s',
  async (_name, isTls) => {
    const { serverCertFile: certFile, serverKeyFile: keyFile, caFile } = certificates;
    const tls = isTls ? { certFile, keyFile, keyPassword: null, ciphers: null } : null;
    // Needs the password for whatever changes something, and none of the attempts has it.
    const locked = await serving({ config: { tls, clientCaFile: caFile, auth: { username: 'u', password: 'p' } } });
    const descriptors = descriptorCount();
    const attempts = [...patience, ...fc.sample(attempt, { seed: SEED, numRuns: ATTEMPTS })];
    await inTurns(attempts, (each) => carryOut(each, locked.port));

    expect(locked.requests).toEqual([]);
    expect(locked.logged).toEqual([]);
    await expect.poll(descriptorCount, { timeout: 3 * limits.requestMs }).toBeLessThanOrEqual(descriptors);
    expect(await healthOf(locked.port, isTls)).toBe(200);
  },
  (isLong ? 20 : 4) * 60_000,
);

test('malformed bodies ask for nothing, with nobody asked for a password', async () => {
  const { ask, requests, logged } = await serving({ snapshot: replicaSnapshot({ dynamic: { failsafe_mode: true } }) });
  const calls = Object.keys(commands).filter((call) => !/reload|sigterm|DELETE/.test(call));
  const cases = fc.tuple(
    fc.constantFrom(...calls),
    badBody.filter((text) => text.trim() !== ''),
  );
  await inTurns(fc.sample(cases, { seed: SEED, numRuns: ATTEMPTS / 10 }), async ([call, body]) => {
    expect([call, body, statusOf(await ask(call.replace(' ', ' /'), body))]).toEqual([call, body, 400]);
  });

  expect(requests).toEqual([]);
  expect(logged).toEqual([]);
});

async function inTurns<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const worker = async (): Promise<void> => {
    for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) await work(each);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function carryOut({ over, pieces, end }: Attempt, port: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const isGone = (): void => resolve();
    socket.on('error', () => undefined).on('close', isGone);
    const talk: Socket = over === 'plain' ? socket : connectTls({ socket, rejectUnauthorized: false });
    // A socket under TLS does not always say that it is closed.
    talk
      .on('error', () => socket.destroy())
      .on('data', () => undefined)
      .on('close', isGone);
    talk.once(over === 'plain' ? 'connect' : 'secureConnect', () => {
      sendPieces(talk, pieces, () => {
        if (end === 'half-close') talk.end();
        if (end === 'close' || (end === 'reset' && over === 'tls')) talk.destroy();
        if (end === 'reset' && over === 'plain') socket.resetAndDestroy();
      });
    });
  });
}

/** Each piece on its own way through the kernel. */
function sendPieces(socket: Socket, [first, ...rest]: readonly Uint8Array[], done: () => void): void {
  if (first === undefined || !socket.writable) done();
  else socket.write(first, () => setImmediate(() => sendPieces(socket, rest, done)));
}

function cutAt(all: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const places = [0, ...cuts.filter((cut) => cut < all.length).toSorted((a, b) => a - b), all.length];
  return places.slice(1).map((place, at) => all.slice(places[at], place));
}

function descriptorCount(): number {
  return readdirSync('/proc/self/fd').length;
}

async function healthOf(port: number, isTls: boolean): Promise<number> {
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    const socket = isTls
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
      : connect(port, '127.0.0.1');
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on('close', () => resolve(text)).on('error', () => undefined);
    socket.write('GET /health HTTP/1.1\r\n\r\n');
  });
  return statusOf(answer);
}
