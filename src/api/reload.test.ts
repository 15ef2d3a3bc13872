import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { freePorts } from '../../test/support/free-port.ts';
import { ask, basic, closeApis, serving, statusOf } from '../../test/support/rest-api.ts';

closeApis();

async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

test('who may do what, and the headers, change in place', async () => {
  const { api, config, port } = await serving();
  await api.reload({ ...config, auth: { username: 'u', password: 'p' }, extraHeaders: [['X-New', 'yes']] });

  expect(api.port).toBe(port);
  expect(statusOf(await ask(port, 'POST /reload'))).toBe(401);
  expect(statusOf(await ask(port, `POST /reload\n${basic('u:p')}`))).toBe(202);
  expect(await ask(port, 'GET /health')).toMatch(/^x-new: yes\r$/im);

  await api.reload({ ...config, allowlist: ['10.9.9.9'] });
  expect(statusOf(await ask(port, 'POST /reload'))).toBe(403);
});

test('another port is served, the former one is not, and what was asked there is answered there', async () => {
  const { api, config, port, requests } = await serving({ answer: 'never' });
  const waiting = connect(port, '127.0.0.1');
  const body = '{"leader": "n1", "candidate": "n2"}';
  waiting.write(`POST /switchover HTTP/1.1\r\nHost: n1\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await expect.poll(() => requests.length).toBe(1);
  const next = await freePort();
  await api.reload({ ...config, port: next });

  expect(api.port).toBe(next);
  expect(statusOf(await ask(next, 'GET /health'))).toBe(200);
  expect(await ask(port, 'GET /health')).toBe('');
  expect(waiting.destroyed).toBe(false);
  waiting.destroy();
});

test('a port that is taken changes nothing, and the next reload may still work', async () => {
  const other = await serving();
  const { api, config, port, logged } = await serving({ config: { port: await freePort() } });

  expect(await api.reload({ ...config, port: other.port })).toEqual(config);
  expect(logged).toMatchObject([{ event: 'api-reload-refused' }]);
  expect(statusOf(await ask(port, 'GET /health'))).toBe(200);
  const next = await freePort();
  await api.reload({ ...config, port: next });
  expect(statusOf(await ask(next, 'GET /health'))).toBe(200);
});

test('reloads come one after the other: the last one counts', async () => {
  const { api, config, port } = await serving();
  const auth = { username: 'u', password: 'p' };
  await Promise.all([api.reload({ ...config, auth, allowlist: ['localhost'] }), api.reload(config)]);

  expect(statusOf(await ask(port, 'POST /reload'))).toBe(202);
});
