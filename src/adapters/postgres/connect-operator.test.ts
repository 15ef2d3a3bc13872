import { expect, test } from 'vitest';
import { connectOperator } from './connect-operator.ts';

test('a file of certificates that cannot be read keeps nobody from hearing why', async () => {
  const target = { host: '127.0.0.1', port: 1, user: 'u', password: 'p', database: 'd' };
  const outcome = await connectOperator(target, { PGSSLMODE: 'verify-full', PGSSLROOTCERT: '/nowhere/root.crt' });
  expect(outcome).toEqual({ kind: 'failed', sqlState: null, message: expect.stringContaining('/nowhere/root.crt') });
});
