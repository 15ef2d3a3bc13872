import { expect, test } from 'vitest';
import type { JsonObject } from '../../domain/json.ts';
import { readCtlAccess } from './ctl.ts';

const read = (values: JsonObject, insecure = false) =>
  readCtlAccess({ path: [], values, findings: { problems: [], notices: [] } }, insecure);
const restapi = { cafile: '/api-ca', authentication: { username: 'api', password: 'a' } };

test('CTL-81: credentials and authority of the API stand in for those of the command line', () => {
  expect(read({ restapi })).toMatchObject({
    insecure: false,
    caFile: '/api-ca',
    certFile: null,
    auth: { username: 'api', password: 'a' },
  });
  const ctl = { cacert: '/own-ca', certfile: '/c', keyfile: '/k', keyfile_password: 's' };
  expect(read({ restapi, ctl: { ...ctl, authentication: { username: 'own', password: 'o' } } })).toEqual({
    insecure: false,
    caFile: '/own-ca',
    certFile: '/c',
    keyFile: '/k',
    keyPassword: 's',
    auth: { username: 'own', password: 'o' },
  });
});

test('-k, and the option in the file, verify nothing', () => {
  expect(read({}, true).insecure).toBe(true);
  expect(read({ ctl: { insecure: true } }).insecure).toBe(true);
  expect(read({}).insecure).toBe(false);
});
