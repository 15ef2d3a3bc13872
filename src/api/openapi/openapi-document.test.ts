import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { leaderSnapshot, replicaSnapshot } from '../../../test/support/node-snapshot.ts';
import { bodyOf, closeApis, serving, statusOf } from '../../../test/support/rest-api.ts';
import { memberName } from '../../domain/names.ts';
import { commands, documents } from '../route.ts';
import { answerSchemas } from './answer-schemas.ts';
import { openApiDocument } from './openapi-document.ts';

closeApis();

const Description = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ operationId: z.string(), responses: z.record(z.string(), z.unknown()) })),
  ),
  components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
});
const description = Description.parse(openApiDocument());

test('it is served before the agent has made a step, and is what it is made from', async () => {
  const { ask } = await serving({ snapshot: null });
  const answer = await ask('GET /openapi.json');

  expect(statusOf(answer)).toBe(200);
  expect(JSON.parse(bodyOf(answer))).toEqual(openApiDocument());
});

test('every route is in it, each operation has a name of its own, and what it refers to is there', () => {
  for (const name of documents) expect(Object.keys(description.paths[`/${name}`] ?? {})).toContain('get');
  for (const call of Object.keys(commands)) {
    const [method = '', segment = ''] = call.split(' ');
    expect(Object.keys(description.paths[`/${segment}`] ?? {})).toContain(method.toLowerCase());
  }
  const ids = Object.values(description.paths).flatMap((path) => Object.values(path).map((each) => each.operationId));
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, name] of JSON.stringify(description).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    expect(Object.keys(description.components.schemas)).toContain(name);
  }
});

test('what every path that only reads answers is one of the statuses that it names', async () => {
  const succession = { leader: memberName('n1'), position: null, maximumLagBytes: 5n, members: [] };
  const { ask } = await serving({ answer: { kind: 'succession', succession } });
  for (const [path, operations] of Object.entries(description.paths)) {
    for (const [method, { responses }] of Object.entries(operations)) {
      if (!reading.includes(method)) continue;
      const status = statusOf(await ask(`${method.toUpperCase()} ${path}`));
      expect([method, path, Object.keys(responses)]).toEqual([method, path, expect.arrayContaining([String(status)])]);
    }
  }
});

const reading = ['get', 'head', 'options'];

describe('documents are as it says', () => {
  const event = {
    at: '2031-05-04T09:00:00.000Z',
    member: 'n1',
    event: 'decision',
    rule: 'lead',
    level: 'info',
    facts: {},
  } as const;
  test.each([
    ['/patroni', 'NodeStatus'],
    ['/primary', 'NodeStatus'],
    ['/cluster', 'Cluster'],
    ['/history', 'History'],
    ['/decision', 'Decision'],
    ['/events', 'Events'],
  ] as const)('%s', async (path, name) => {
    const schema = z.fromJSONSchema({ $defs: plain(answerSchemas), ...plainSchema(name) });
    const keys = {
      history: [
        [1, 100, 'no recovery target specified'],
        [2, 200, 'x', '2031-05-04T09:00:00+00:00', 'n1'],
      ],
    };
    for (const snapshot of [leaderSnapshot({ keys }), replicaSnapshot({ keys, tags: { zone: 'a' } }), null]) {
      const { ask } = await serving({ snapshot, events: [event] });
      const answer = await ask(`GET ${path}`);
      const isDocument = snapshot !== null || name === 'NodeStatus' || name === 'Events';
      if (isDocument) expect(schema.safeParse(JSON.parse(bodyOf(answer))).error).toBeUndefined();
      else expect(statusOf(answer)).toBe(503);
    }
  });
});

/** References as a schema by itself has them. */
function plain(value: unknown): Record<string, never> {
  return JSON.parse(JSON.stringify(value).replaceAll('#/components/schemas/', '#/$defs/')) as Record<string, never>;
}

function plainSchema(name: keyof typeof answerSchemas): Record<string, never> {
  return plain(answerSchemas[name]);
}
