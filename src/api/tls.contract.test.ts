import { X509Certificate } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Certificates, makeCertificates } from '../../test/support/certificates.ts';
import { run } from '../../test/support/command.ts';
import { NOW, replicaSnapshot, WALL_NOW } from '../../test/support/node-snapshot.ts';
import { createMeters } from '../adapters/meters/create-meters.ts';
import { lookUp } from '../adapters/names/look-up.ts';
import { createAgentApi } from '../adapters/peers/create-agent-api.ts';
import { createPeers } from '../adapters/peers/create-peers.ts';
import type { ApiConfig } from '../domain/agent-config.ts';
import { memberName } from '../domain/names.ts';
import { millis } from '../domain/time.ts';
import type { CtlAccess } from '../wire/config/ctl.ts';
import { limits } from './limits.ts';
import { type Api, startApi } from './start-api.ts';

const clock = { now: () => NOW, wallNow: () => WALL_NOW, suspended: () => 0 };
const open: Api[] = [];
let folder = '';
let certificates: Certificates;
/** Those of an authority that the server does not know. */
let strangers: Certificates;
/** For a server at another address. */
let misnamed: Certificates;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matriarch-tls-'));
  certificates = await makeCertificates(folder, { serverAddress: '127.0.0.1' });
  strangers = await made('strangers');
  misnamed = await made('misnamed', '127.0.0.9');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((api) => api.close()));
});
afterAll(() => rm(folder, { recursive: true }));

async function serving(
  verifyClient: ApiConfig['verifyClient'],
  clientCaFile: string | null = certificates.caFile,
  files: Certificates = certificates,
) {
  return (await started({ verifyClient, clientCaFile }, files)).port;
}

async function started(change: Partial<ApiConfig>, given?: Certificates) {
  // Of its own, since a test may renew them.
  const files = given ?? (await made(`own-${String(open.length)}-${String(Math.trunc(performance.now()))}`));
  const { api: defaults } = replicaSnapshot().observation.config;
  const tls = { certFile: files.serverCertFile, keyFile: files.serverKeyFile, keyPassword: null, ciphers: null };
  const config = { ...defaults, listenHost: '127.0.0.1', port: 0, tls, clientCaFile: certificates.caFile, ...change };
  const logged: string[] = [];
  const api = await startApi({
    config,
    snapshot: () => replicaSnapshot(),
    clock,
    request: () => Promise.resolve({ kind: 'text', status: 202, text: 'reload scheduled' }),
    meters: () => createMeters().readings(),
    lookUp,
    events: { record: () => undefined, newest: () => [] },
    log: { write: (_level, event) => void logged.push(event) },
  });
  open.push(api);
  return { api, config, port: api.port, files, logged };
}

async function made(name: string, serverAddress = '127.0.0.1'): Promise<Certificates> {
  await mkdir(join(folder, name));
  return makeCertificates(join(folder, name), { serverAddress });
}

/** Puts another certificate with its key in the place of the server's. @returns its serial number. */
async function renew(files: Certificates): Promise<string> {
  const next = await made(`next-${String(Math.trunc(performance.now()))}`);
  await copyFile(next.serverCertFile, files.serverCertFile);
  await copyFile(next.serverKeyFile, files.serverKeyFile);
  return new X509Certificate(await readFile(files.serverCertFile)).serialNumber;
}

/** Whoever the server is: its certificate may be any. */
function answered(port: number, method: string, path: string) {
  return new Promise<{ readonly headers: IncomingHttpHeaders; readonly serial: string }>((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, method, path, rejectUnauthorized: false, agent: false });
    asking.on('response', (response) => {
      const { socket, headers } = response;
      const serial = socket instanceof TLSSocket ? (socket.getPeerX509Certificate()?.serialNumber ?? '') : '';
      response.resume().on('end', () => resolve({ headers, serial }));
    });
    asking.on('error', reject).end();
  });
}

type Identity = 'none' | 'client' | 'stranger';

/** Status and body, or the word that the connection failed. */
async function ask(port: number, method: string, path: string, identity: Identity): Promise<string> {
  const { clientCertFile, clientKeyFile } = identity === 'stranger' ? strangers : certificates;
  const own = identity === 'none' ? {} : { cert: await readFile(clientCertFile), key: await readFile(clientKeyFile) };
  const ca = await readFile(certificates.caFile);
  return new Promise((resolve) => {
    request({ host: '127.0.0.1', port, method, path, ca, agent: false, ...own }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('end', () => resolve(`${response.statusCode ?? 0} ${body}`));
      response.on('error', () => resolve('connection failed'));
    })
      .on('error', () => resolve('connection failed'))
      .end();
  });
}

describe('REST-55: client certificates', () => {
  test('optional: without one, reading is served and nothing else; a wrong one is refused altogether', async () => {
    const port = await serving('optional');

    expect(await ask(port, 'GET', '/replica', 'none')).toMatch(/^200 /);
    expect(await ask(port, 'POST', '/reload', 'none')).toBe('403 client certificate required');
    expect(await ask(port, 'POST', '/reload', 'client')).toBe('202 reload scheduled');
    expect(await ask(port, 'GET', '/replica', 'stranger')).toBe('connection failed');
  });

  test('required: nobody comes in without one', async () => {
    const port = await serving('required');

    expect(await ask(port, 'GET', '/replica', 'none')).toBe('connection failed');
    expect(await ask(port, 'GET', '/replica', 'stranger')).toBe('connection failed');
    expect(await ask(port, 'GET', '/replica', 'client')).toMatch(/^200 /);
  });

  test('without an authority nobody is trusted', async () => {
    const port = await serving('required', null);

    expect(await ask(port, 'GET', '/replica', 'client')).toBe('connection failed');
  });

  test('none: nobody is asked for one', async () => {
    const port = await serving('none');

    expect(await ask(port, 'POST', '/reload', 'none')).toBe('202 reload scheduled');
  });
});

test('REST-56: the headers for TLS are on every answer with a body, and on no bare status line', async () => {
  const { port } = await started({ extraHeaders: [['Strict-Transport-Security', 'max-age=1']] });
  const headers = async (method: string, path: string) => (await answered(port, method, path)).headers;

  expect(await headers('GET', '/health')).toMatchObject({ 'strict-transport-security': 'max-age=1' });
  expect(await headers('POST', '/reload')).toMatchObject({ 'strict-transport-security': 'max-age=1' });
  expect(await headers('GET', '/liveness')).toEqual({});
  expect(await headers('POST', '/unknown')).not.toHaveProperty('strict-transport-security');
});

describe('REST-58, CONF-41: certificates are renewed by a reload', () => {
  test('new connections see the new one, though nothing else has changed', async () => {
    const { api, config, port, files } = await started({});
    const before = (await answered(port, 'GET', '/health')).serial;
    const renewed = await renew(files);
    expect((await answered(port, 'GET', '/health')).serial).toBe(before);
    await api.reload(config);

    const after = (await answered(port, 'GET', '/health')).serial;
    expect(after).toBe(renewed);
    expect(after).not.toBe(before);
  });

  test('a broken one changes nothing, and the next good one counts', async () => {
    const { api, config, port, files, logged } = await started({});
    const before = (await answered(port, 'GET', '/health')).serial;
    await writeFile(files.serverCertFile, 'no certificate');
    await api.reload(config);

    expect(logged).toEqual(['api-reload-refused']);
    expect((await answered(port, 'GET', '/health')).serial).toBe(before);
    const renewed = await renew(files);
    await api.reload(config);
    expect((await answered(port, 'GET', '/health')).serial).toBe(renewed);
  });

  test('whom it asks for a certificate changes, too, and so does whether it speaks TLS at all', async () => {
    const { api, config } = await started({}, certificates);
    await api.reload({ ...config, port: api.port, verifyClient: 'required' });
    expect(await ask(api.port, 'GET', '/replica', 'none')).toBe('connection failed');
    expect(await ask(api.port, 'GET', '/replica', 'client')).toMatch(/^200 /);

    await api.reload({ ...config, port: api.port, tls: null });
    const answer = await fetch(`http://127.0.0.1:${api.port}/replica`);
    expect(answer.status).toBe(200);
  });
});

describe('peers over TLS', () => {
  const question = { member: memberName('n2'), limit: millis(10_000) };

  async function answerOf(port: number, tls: ApiConfig['client']['tls'], key: { readonly keyPassword?: string } = {}) {
    const insecure = tls.certFile === null;
    const peers = createPeers({ client: { tls, ...key, insecure, auth: null }, clock });
    return peers.ask(
      { member: question.member, apiUrl: `https://localhost:${port}/patroni` },
      { limit: question.limit, maxAge: null },
    );
  }

  test('without a certificate of its own an agent takes any server', async () => {
    const port = await serving('none');

    expect(await answerOf(port, { caFile: null, certFile: null, keyFile: null })).toMatchObject({ kind: 'reported' });
  });

  test('with one it shows it, and takes only a server of its authority', async () => {
    const port = await serving('required');
    const { clientCertFile: certFile, clientKeyFile: keyFile, caFile } = certificates;

    expect(await answerOf(port, { caFile, certFile, keyFile })).toMatchObject({ kind: 'reported' });
    const foreign = await answerOf(port, { caFile: strangers.caFile, certFile, keyFile });
    expect(foreign).toMatchObject({ kind: 'no-answer' });
  });

  test('its key may be encrypted', async () => {
    const port = await serving('required');
    const { clientCertFile: certFile, clientKeyFile, caFile } = certificates;
    const keyFile = `${clientKeyFile}.encrypted`;
    await run(['openssl', 'ec', '-aes256', '-passout', 'pass:secret', '-in', clientKeyFile, '-out', keyFile]);

    const tls = { caFile, certFile, keyFile };
    expect(await answerOf(port, tls, { keyPassword: 'secret' })).toMatchObject({ kind: 'reported' });
  });
});

describe('CTL-82: the command line over TLS', () => {
  const anonymous = { insecure: false, caFile: null, certFile: null, keyFile: null, keyPassword: null, auth: null };

  async function called(port: number, access: Partial<CtlAccess>) {
    const call = { apiUrl: `https://127.0.0.1:${port}/patroni`, method: 'GET', path: '/replica', body: null } as const;
    const reply = await createAgentApi({ ...anonymous, ...access }).call(call, millis(10_000));
    return reply.kind === 'answered' ? reply.status : 'no answer';
  }

  test('a server is verified, unless it is not to be', async () => {
    const port = await serving('none');

    expect(await called(port, {})).toBe('no answer');
    expect(await called(port, { caFile: strangers.caFile })).toBe('no answer');
    expect(await called(port, { caFile: certificates.caFile })).toBe(200);
    expect(await called(port, { insecure: true })).toBe(200);
  });

  test('with a certificate of one’s own, -k takes any name and still no unknown authority', async () => {
    const port = await serving('required', misnamed.caFile, misnamed);
    const { clientCertFile: certFile, clientKeyFile: keyFile, caFile } = misnamed;

    expect(await called(port, { caFile, certFile, keyFile })).toBe('no answer');
    expect(await called(port, { insecure: true, caFile, certFile, keyFile })).toBe(200);
    expect(await called(port, { insecure: true, caFile: strangers.caFile, certFile, keyFile })).toBe('no answer');
  });
});

test(
  'a client that connects and stays silent is sent away',
  async () => {
    const port = await serving('none');
    const socket = connect(port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('close', () => resolve('closed')));
    socket.on('error', () => undefined).resume();

    expect(await closed).toBe('closed');
  },
  10 * limits.handshakeMs,
);
