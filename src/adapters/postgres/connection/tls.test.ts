import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { tlsAttempts } from './tls.ts';

const folder = mkdtempSync(join(tmpdir(), 'matriarch-tls-'));
const there = join(folder, 'there.pem');
const nowhere = join(folder, 'nowhere.pem');
writeFileSync(there, 'a certificate');
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file that is named and is not there', () => {
  test.each([
    ['require', { sslrootcert: nowhere }],
    ['prefer', { sslrootcert: nowhere }],
    ['require', { sslcert: nowhere }],
    ['require', { sslcert: nowhere, sslkey: nowhere }],
    ['verify-ca', { sslrootcert: there, sslcrl: nowhere }],
    ['verify-full', { sslrootcert: there, sslcert: nowhere }],
  ])('is done without where libpq does: %s %o', (sslmode, named) => {
    const [first] = tlsAttempts({ sslmode, ...named }, 'far');
    expect(first).not.toHaveProperty('cert');
    expect(first).not.toHaveProperty('crl');
    expect(first).toHaveProperty('rejectUnauthorized', sslmode.startsWith('verify-'));
  });

  test.each([
    ['verify-ca', { sslrootcert: nowhere }],
    ['verify-full', { sslrootcert: nowhere }],
    ['require', { sslcert: there, sslkey: nowhere }],
    // It is there, and no file.
    ['require', { sslrootcert: folder }],
  ])('is told where libpq tells it: %s %o', (sslmode, named) => {
    expect(() => tlsAttempts({ sslmode, ...named }, 'far')).toThrow(
      expect.objectContaining({ code: expect.any(String) }),
    );
  });
});

test('a keyword without a value counts as not given', () => {
  expect(tlsAttempts({ sslmode: 'require', sslrootcert: '', sslcert: '', sslkey: '' }, 'far')).toHaveLength(1);
});
