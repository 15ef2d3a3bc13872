import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { leaderSnapshot, replicaSnapshot } from '../../test/support/node-snapshot.ts';
import { basic, bodyOf, closeApis, exchange, serving, statusOf } from '../../test/support/rest-api.ts';
import { lsn } from '../domain/lsn.ts';
import { memberName } from '../domain/names.ts';
import { limits } from './limits.ts';

closeApis();

describe('rest-api', () => {
  test('REST-3, REST-4: a health check answers with the document, blanks after commas and colons, no line break', async () => {
    const { ask } = await serving();
    const answer = await ask('GET /primary');

    expect(statusOf(answer)).toBe(200);
    expect(answer).toMatch(/^content-type: application\/json\r$/im);
    expect(bodyOf(answer)).toMatch(/^\{"state": "running", "postmaster_start_time": .*"name": "n1"\}\}$/);
    expect(bodyOf(await ask('GET /replica'))).toBe(bodyOf(answer));
  });

  test('who could take over is a question to the agent, and whoever may read may ask it', async () => {
    const succession = { leader: memberName('n1'), position: null, maximumLagBytes: 5n, members: [] };
    const { ask, requests } = await serving({
      config: { auth: { username: 'u', password: 'p' } },
      answer: { kind: 'succession', succession },
    });

    expect(bodyOf(await ask('GET /matriarch/succession'))).toBe(
      '{"leader": "n1", "lsn": null, "maximum_lag_bytes": 5, "members": []}',
    );
    expect(requests).toEqual([{ kind: 'succession' }]);
    expect(statusOf(await ask('GET /matriarch/nonsense'))).toBe(503);
  });

  test('REST-29: an unknown path is unhealthy, not unknown', async () => {
    const { ask } = await serving();

    expect(statusOf(await ask('GET /nonsense'))).toBe(503);
    expect(statusOf(await ask('GET /restart'))).toBe(503);
    expect(statusOf(await ask('GET /%70rimary'))).toBe(503);
    expect(statusOf(await ask('GET /%zz'))).toBe(503);
    expect(statusOf(await ask('GET //primary;x=1?y#z'))).toBe(200);
    expect(statusOf(await ask('GET http://n1:8008/primary'))).toBe(200);
  });

  test('REST-31: HEAD and OPTIONS are a status line and a blank line', async () => {
    const { ask } = await serving();

    expect(await ask('HEAD /health')).toBe('HTTP/1.1 200 OK\r\n\r\n');
    expect(await ask('OPTIONS /primary')).toBe('HTTP/1.1 200 OK\r\n\r\n');
    expect(await ask('OPTIONS /replica')).toBe('HTTP/1.1 503 Service Unavailable\r\n\r\n');
  });

  test('REST-32: HEAD and OPTIONS never reach a document', async () => {
    const { ask } = await serving();

    expect(statusOf(await ask('HEAD /liveness'))).toBe(503);
    expect(statusOf(await ask('OPTIONS /patroni'))).toBe(503);
  });

  test('REST-33: liveness and readiness are a status line', async () => {
    const { ask } = await serving();

    expect(await ask('GET /liveness')).toBe('HTTP/1.1 200 OK\r\n\r\n');
    expect(await ask('GET /readiness')).toBe('HTTP/1.1 200 OK\r\n\r\n');
  });

  test('REST-41, REST-43, REST-47: the documents of the store', async () => {
    const { ask } = await serving();

    expect(bodyOf(await ask('GET /cluster'))).toMatch(
      /^\{"members": \[\{"name": "n1", "role": "leader".*"scope": "demo"\}$/,
    );
    expect(bodyOf(await ask('GET /history'))).toBe('[]');
    expect(bodyOf(await ask('GET /config/anything'))).toBe('{"ttl": 30, "loop_wait": 10, "retry_timeout": 10}');
    const unconfigured = await serving({ snapshot: leaderSnapshot({ keys: { config: null } }) });
    expect(statusOf(await unconfigured.ask('GET /config'))).toBe(502);
  });

  test('REST-49: a body has to be an object with fields, and to say how long it is', async () => {
    const { ask, requests } = await serving();

    for (const body of ['', '{}', '[1]', '1', '{"leader"', '\xff']) {
      expect(statusOf(await ask('PATCH /config', body))).toBe(400);
      expect(statusOf(await ask('POST /switchover', body))).toBe(400);
    }
    expect(statusOf(await ask('PATCH /config'))).toBe(411);
    expect(statusOf(await ask('POST /switchover\nTransfer-Encoding: chunked'))).toBe(411);
    expect(requests).toEqual([]);
  });

  test('REST-50: what changes something needs the password, and says which part was wrong', async () => {
    const { ask, requests } = await serving({ config: { auth: { username: 'u', password: 'p' } } });
    const without = await ask('POST /reload');

    expect(statusOf(without)).toBe(401);
    expect(without).toMatch(/^www-authenticate: Basic realm="Patroni"\r$/im);
    expect(bodyOf(without)).toBe('no auth header received');
    expect(bodyOf(await ask(`POST /reload\n${basic('u:q')}`))).toBe('not authenticated');
    expect(bodyOf(await ask(`POST /reload\n${basic('u:p').replace('Basic', 'basic')}`))).toBe('not authenticated');
    expect(requests).toEqual([]);
    const right = await ask(`POST /reload\n${basic('u:p')}`);
    expect([statusOf(right), bodyOf(right)]).toEqual([202, 'reload scheduled']);
    expect(requests).toEqual([{ kind: 'reload' }]);
  });

  test('REST-51: reading needs no password', async () => {
    const { ask } = await serving({ config: { auth: { username: 'u', password: 'p' } } });

    expect(statusOf(await ask('GET /config'))).toBe(200);
    expect(statusOf(await ask('OPTIONS /primary'))).toBe(200);
  });

  test('REST-52: the address is judged before the password; reading is not judged', async () => {
    const { ask } = await serving({ config: { allowlist: ['10.0.0.0/8'], auth: { username: 'u', password: 'p' } } });
    const answer = await ask('POST /reload');

    expect([statusOf(answer), bodyOf(answer)]).toEqual([403, 'Access is denied']);
    expect(statusOf(await ask('GET /primary'))).toBe(200);
    const listed = await serving({ config: { allowlist: ['127.0.0.7/8'] } });
    expect(statusOf(await listed.ask('POST /reload'))).toBe(202);
  });

  test('REST-54: an allowlist that comes to nothing admits nobody', async () => {
    const { ask, logged } = await serving({ config: { allowlist: ['name.invalid'] } });

    expect(statusOf(await ask('POST /reload'))).toBe(403);
    expect(logged).toMatchObject([{ event: 'allowlist-entry-skipped', fields: { entry: 'name.invalid' } }]);
  });

  test('REST-59: what is not there is 501 with the phrase that old clients look for', async () => {
    const { ask } = await serving();

    for (const head of ['POST /unknown', 'DELETE /failover', 'PUT /restart', 'POST /', 'PROPFIND /config']) {
      const answer = await ask(head, '{"a": 1}');
      expect([head, statusOf(answer)]).toEqual([head, 501]);
      expect(answer).toContain('Server does not support this operation');
    }
  });

  test('REST-60: one request per connection, nothing chunked', async () => {
    const { port } = await serving();
    const one = 'GET /health HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n';
    const answer = await exchange(port, one + one);

    expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(1);
    expect(answer).not.toMatch(/chunked/i);
    expect(answer).toMatch(/^content-length: \d+\r$/im);
  });

  test('REST-82: when the agent cannot reach the store the connection closes without an answer', async () => {
    const { ask } = await serving({ answer: { kind: 'drop' } });

    expect(await ask('POST /switchover', '{"leader": "n1"}')).toBe('');
  });

  test('REST-80: a leader without the store asks, and is answered as its clients expect', async () => {
    const off = await serving();
    const call = JSON.stringify({ name: 'a', conn_url: 'postgres://a', api_url: 'http://a:8008/patroni' });
    expect(statusOf(await off.ask('POST /failsafe', call))).toBe(502);
    expect(statusOf(await off.ask('GET /failsafe'))).toBe(502);
    expect(off.requests).toEqual([]);

    const snapshot = replicaSnapshot({ dynamic: { failsafe_mode: true } });
    const promised = await serving({ snapshot, answer: { kind: 'promised', lsn: lsn(100n) } });
    const answer = await promised.ask('POST /failsafe', call);
    expect(statusOf(answer)).toBe(200);
    expect(answer).toMatch(/\r\nlsn: 100\r\n/i);
    expect(answer.endsWith('Accepted')).toBe(true);
    expect(promised.requests).toMatchObject([{ kind: 'failsafe', call: { name: 'a' } }]);

    expect(statusOf(await promised.ask('POST /failsafe', '{"name": "a"}'))).toBe(400);
    expect(statusOf(await promised.ask('POST /failsafe'))).toBe(411);
    expect(promised.requests).toHaveLength(1);

    const leads = await serving({ snapshot, answer: { kind: 'text', status: 500, text: 'Running as a leader' } });
    expect(statusOf(await leads.ask('POST /failsafe', call))).toBe(500);
  });

  test('REST-82: without a view there is no cluster to show', async () => {
    const { ask } = await serving({ snapshot: replicaSnapshot({ observation: { store: { kind: 'unknown' } } }) });

    expect(statusOf(await ask('GET /cluster'))).toBe(503);
    expect(statusOf(await ask('GET /patroni'))).toBe(200);
  });
});

test('a switchover is handed over as it was meant, and the answer goes out as it comes', async () => {
  const answer = { kind: 'text', status: 200, text: 'Successfully switched over to "n2"' } as const;
  const { ask, requests } = await serving({ answer });

  expect(bodyOf(await ask('POST /switchover', '{"leader": "n1", "candidate": "n2", "scheduled_at": null}'))).toBe(
    answer.text,
  );
  expect(requests).toEqual([{ kind: 'switchover', leader: 'n1', candidate: 'n2', scheduledAt: null }]);
});

test('W24: requests that take long keep nobody from an answer', async () => {
  const { ask, port } = await serving({ answer: 'never' });
  const body = '{"leader": "n1", "candidate": "n2"}';
  const waiting = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'));
  for (const socket of waiting) {
    socket.on('error', () => undefined);
    socket.write(`POST /switchover HTTP/1.1\r\nHost: n1\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  }

  expect(statusOf(await ask('GET /patroni'))).toBe(200);
  for (const socket of waiting) socket.destroy();
});

test('a patch keeps every digit on its way in and out', async () => {
  const body = { big: 12_345_678_901_234_567_890n };
  const { ask, requests } = await serving({ answer: { kind: 'json', status: 200, body } });

  expect(bodyOf(await ask('PATCH /config', '{"big": 12345678901234567890}'))).toBe('{"big": 12345678901234567890}');
  expect(requests).toEqual([{ kind: 'patch-config', patch: body }]);
});

test('a refused body never reaches the agent', async () => {
  const { ask, requests } = await serving();

  expect(bodyOf(await ask('POST /failover', '{"foo": 1}'))).toBe(
    'Failover could be performed only to a specific candidate',
  );
  expect(requests).toEqual([]);
});

test('a body beyond the limit is refused', async () => {
  const { ask, requests } = await serving();

  expect(statusOf(await ask(`PATCH /config\nContent-Length: ${limits.bodyBytesMax + 1}`))).toBe(413);
  expect(requests).toEqual([]);
});

test('before the first step everything is 503, and nothing is claimed', async () => {
  const { ask } = await serving({ snapshot: null });

  for (const path of [
    '/primary',
    '/health',
    '/patroni',
    '/liveness',
    '/readiness',
    '/cluster',
    '/config',
    '/decision',
  ]) {
    expect([path, statusOf(await ask(`GET ${path}`))]).toEqual([path, 503]);
  }
  expect(bodyOf(await ask('GET /patroni'))).not.toContain('xlog');
});

test('a defect of the agent is logged, and the client learns no more than that', async () => {
  const { ask, logged } = await serving({ answer: new Error('secret detail') });
  const answer = await ask('POST /reload');

  expect(statusOf(answer)).toBe(500);
  expect(answer).not.toContain('secret detail');
  expect(logged).toMatchObject([{ event: 'api-defect' }]);
});

test('what is no HTTP is refused and closed', async () => {
  const { port } = await serving();

  expect(statusOf(await exchange(port, 'what?\r\n\r\n'))).toBe(400);
  expect(statusOf(await exchange(port, `GET / HTTP/1.1\r\nX: ${'x'.repeat(limits.headerBytesMax)}\r\n\r\n`))).toBe(431);
});

test('a port that is taken is an error at start', async () => {
  const { port } = await serving();

  await expect(serving({ config: { port } })).rejects.toThrow(/EADDRINUSE/);
});
