import { expect, test } from 'vitest';
import { trustedHba } from './trusted-hba.ts';

const role = (username: string) => ({ username, password: null, connection: {} });

test.each([
  ['::', '::1/128'],
  ['10.0.0.1', '10.0.0.1/32'],
])('whoever comes from this machine to a server that listens on %s is let in', async (listenAddresses, origin) => {
  const text = await trustedHba({ listenAddresses, superuser: role('s'), replication: role('r') });
  expect(text).toContain(`host\tall\t"s"\t${origin}\ttrust\n`);
});
