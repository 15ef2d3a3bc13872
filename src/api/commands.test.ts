import { describe, expect, test } from 'vitest';
import { basic, bodyOf, closeApis, exchange, serving, statusOf } from '../../test/support/rest-api.ts';

closeApis();

test('REST-48: the whole configuration is handed over as it is', async () => {
  const { ask, requests } = await serving({ answer: { kind: 'json', status: 200, body: { ttl: 20 } } });

  expect(bodyOf(await ask('PUT /config', '{"ttl": 20}'))).toBe('{"ttl": 20}');
  expect(requests).toEqual([{ kind: 'put-config', document: { ttl: 20 } }]);
  for (const body of ['', '{}', '[1]', '{"a"']) expect(statusOf(await ask('PUT /config', body))).toBe(400);
  expect(statusOf(await ask('PUT /config'))).toBe(411);
  expect(requests).toHaveLength(1);
});

test('REST-81: a shutdown is scheduled, and nothing happens', async () => {
  const { ask, requests } = await serving();
  const answer = await ask('POST /sigterm');

  expect([statusOf(answer), bodyOf(answer)]).toEqual([202, 'shutdown scheduled']);
  expect(requests).toEqual([]);
  expect(statusOf(await ask('GET /health'))).toBe(200);
});

test('what a distributed cluster tells is heard, under both names', async () => {
  const { ask, requests } = await serving({ config: { auth: { username: 'u', password: 'p' } } });
  const event = '{"type": "before_demote", "group": 1, "leader": "w1", "timeout": 30, "cooldown": 10000}';

  for (const path of ['/citus', '/mpp']) {
    const answer = await ask(`POST ${path}\n${basic('u:p')}`, event);
    expect([statusOf(answer), bodyOf(answer)]).toEqual([200, 'OK']);
    expect(statusOf(await ask(`POST ${path}\n${basic('u:p')}`, '[]'))).toBe(400);
  }
  expect(requests).toEqual([]);
});

test('REST-78: a malformed body asks for no new copy', async () => {
  const { ask, requests } = await serving({ answer: { kind: 'text', status: 200, text: 'reinitialize started' } });

  for (const body of ['{x}', '[]', '1', '"text"']) expect(statusOf(await ask('POST /reinitialize', body))).toBe(400);
  expect(requests).toEqual([]);
  expect(statusOf(await ask('POST /reinitialize', '{}'))).toBe(200);
  expect(statusOf(await ask('POST /reinitialize'))).toBe(200);
});

describe('bodies', () => {
  test('one of unknown length is never taken for none', async () => {
    const { port, requests } = await serving();
    const chunked =
      'POST /restart HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{"role":"replica"}\r\n0\r\n\r\n';

    expect(statusOf(await exchange(port, chunked))).toBe(411);
    expect(requests).toEqual([]);
  });

  test('one of blanks is no object, and not none', async () => {
    const { ask, requests } = await serving({ answer: { kind: 'text', status: 200, text: 'restarted successfully' } });

    for (const command of ['POST /restart', 'POST /reinitialize'])
      expect(statusOf(await ask(command, ' \n'))).toBe(400);
    expect(requests).toEqual([]);
    expect(statusOf(await ask('POST /restart', ''))).toBe(200);
  });

  test('one that is cut off asks for nothing', async () => {
    const { port, requests } = await serving();
    const half = 'POST /switchover HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n{"leader": "n1"}';

    expect(await exchange(port, half)).not.toMatch(/ 20\d /);
    expect(requests).toEqual([]);
  });

  test('one that is no UTF-8 asks for nothing', async () => {
    const { port, requests } = await serving();
    const body = Buffer.concat([Buffer.from('{"leader": "'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const head = `POST /switchover HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;

    expect(statusOf(await exchange(port, Buffer.concat([Buffer.from(head), body])))).toBe(400);
    expect(requests).toEqual([]);
  });

  test('nobody is asked to go on, and whoever does not wait for that is answered', async () => {
    const { ask } = await serving({ answer: { kind: 'json', status: 200, body: { ttl: 20 } } });
    const answer = await ask('PATCH /config\nExpect: 100-continue', '{"ttl": 20}');

    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(statusOf(await ask('GET /health\nExpect: tea'))).toBe(200);
  });
});

test('a second request that comes with the first is not looked at', async () => {
  const { port, requests } = await serving();
  const one = 'POST /reload HTTP/1.1\r\nHost: a\r\n\r\n';

  expect((await exchange(port, one + one + one)).match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(requests).toHaveLength(1);
});

test('what the store refused is a page when it is about the configuration, and a sentence otherwise', async () => {
  const { ask } = await serving({ answer: { kind: 'text', status: 409, text: 'somebody else' } });
  const typeOf = (answer: string): string | undefined => /^content-type: (.*)\r$/im.exec(answer)?.[1];

  expect(typeOf(await ask('PATCH /config', '{"a": 1}'))).toBe('text/html;charset=utf-8');
  expect(typeOf(await ask('DELETE /switchover'))).toBe('text/html;charset=utf-8');
  expect(typeOf(await ask('POST /restart'))).toBe('text/html');
});
