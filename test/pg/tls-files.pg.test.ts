/** Where our own connections look for certificates: where libpq does, so that they come through wherever its own do. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openLocal } from '../../src/adapters/postgres/instance.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { becomeOrdinaryUser } from '../support/ordinary-user.ts';
import { desired, type RealMember, realMember, taskContext } from '../support/postgres.ts';

let folder = '';
let certificates: Certificates;
let member: RealMember;
const HOME = process.env['HOME'];

beforeAll(async () => {
  becomeOrdinaryUser();
  folder = mkdtempSync(join(tmpdir(), 'matriarch-tls-'));
  certificates = await makeCertificates(folder, { serverAddress: '127.0.0.1' });
  // Asked for once in a process.
  process.env['SSL_CERT_FILE'] = certificates.caFile;
  member = await realMember('a');
  const { parameters } = desired(null);
  const tls = { ssl: 'on', ssl_cert_file: certificates.serverCertFile, ssl_key_file: certificates.serverKeyFile };
  const wanted = { ...desired(null), parameters: { ...parameters, ...tls, ssl_ca_file: certificates.caFile } };
  await member.postgres.run({ kind: 'bootstrap', desired: wanted }, taskContext());
  // Nobody comes in without TLS and a certificate of their own.
  await member.postgres.reconfigure({ ...wanted, hba: ['hostssl all all all trust clientcert=verify-ca'] });
}, 120_000);

afterEach(() => setHome(HOME));
afterAll(async () => {
  await member.end();
  rmSync(folder, { recursive: true });
});

function setHome(home: string | undefined): void {
  if (home === undefined) delete process.env['HOME'];
  else process.env['HOME'] = home;
}

async function opening(connection: Readonly<Record<string, string>>): Promise<string> {
  const superuser = { ...member.config.postgres.superuser, connection };
  const config = { ...member.config, postgres: { ...member.config.postgres, superuser } };
  const opened = await openLocal(config, { purpose: 'test', limitMs: 2_000, settings: {} });
  if (opened.kind === 'open') await opened.session.close();
  return opened.kind === 'open' ? 'open' : opened.reason;
}

const named = (): Record<string, string> => ({
  sslcert: certificates.clientCertFile,
  sslkey: certificates.clientKeyFile,
});

test('named ones are taken', async () => {
  await expect
    .poll(() => opening({ ...named(), sslmode: 'verify-full', sslrootcert: certificates.caFile }))
    .toBe('open');
  expect(await opening({ sslmode: 'require' })).not.toBe('open');
});

test('`system` stands for what the machine trusts, as in libpq from version 16 on', async () => {
  expect(await opening({ ...named(), sslmode: 'verify-full', sslrootcert: 'system' })).toBe('open');
  expect(await opening({ ...named(), sslrootcert: 'system' })).toBe('open');
});

test('without names those in ~/.postgresql are', async () => {
  const home = join(folder, 'home');
  const files = join(home, '.postgresql');
  mkdirSync(files, { recursive: true });
  copyFileSync(certificates.caFile, join(files, 'root.crt'));
  copyFileSync(certificates.clientCertFile, join(files, 'postgresql.crt'));
  copyFileSync(certificates.clientKeyFile, join(files, 'postgresql.key'));
  setHome(home);
  expect(await opening({ sslmode: 'verify-full' })).toBe('open');
});

test('a direct beginning of TLS that the environment asks for is not begun in the clear', async () => {
  process.env['PGSSLNEGOTIATION'] = 'direct';
  try {
    expect(await opening(named())).toBe('open');
  } finally {
    delete process.env['PGSSLNEGOTIATION'];
  }
});
