import { expect, test } from 'vitest';
import { agentIn, effectsOf, happens, type Story } from '../../test/support/agent-state.ts';
import { replica } from '../../test/support/observations.ts';
import type { JsonObject } from '../domain/json.ts';
import { revision } from '../domain/names.ts';
import { readDynamicConfig } from '../wire/config/dynamic.ts';
import type { AgentState } from './state.ts';

/** What happens when the `config` key is this, at that revision. */
function stored(state: AgentState, document: JsonObject, modRevision: bigint, foreign = false): Story {
  const { config, rejected } = readDynamicConfig(document);
  const { view } = state;
  if (view === null) throw new Error('the situation has a view');
  const members = foreign ? view.members.map((each) => ({ ...each, agent: 'foreign' as const })) : view.members;
  return happens(state, {
    kind: 'view',
    gapless: true,
    view: {
      ...view,
      members,
      revision: revision(view.revision + 1n),
      config: { kind: 'valid', modRevision: revision(modRevision), config, ...(rejected !== null && { rejected }) },
    },
  });
}

const said = (story: Story): readonly string[] =>
  effectsOf(story, 'log').flatMap(({ event, fields }) => {
    if (event === 'configuration') return [String(fields['notice'])];
    return event === 'configuration-refused' ? [`refused: ${String(fields['problem'])}`] : [];
  });

test('CONF-4: beside a Patroni agent a ttl below 20 is raised, and the warning names it', () => {
  const story = stored(agentIn(replica()), { ttl: 5 }, 50n, true);

  expect(story.state.timings.ttl).toBe(20_000);
  expect(said(story)[0]).toContain('ttl=5 ');
});

test('CONF-7: a controlled parameter below its minimum is said, once', () => {
  const document = { postgresql: { parameters: { max_connections: 10 } } };
  const first = stored(agentIn(replica()), document, 50n);
  const again = stored(first.state, { ...document, pause: false }, 51n);

  expect(first.state.effective.parameters['max_connections']).toBe('100');
  expect(said(first)).toEqual(['postgresql parameter max_connections=10 failed validation, defaulting to 100']);
  expect(said(again)).toEqual([]);
});

test('CONF-6: a document that is refused is not judged again before it is another one', () => {
  const first = stored(agentIn(replica()), { ttl: 'abc', pause: true }, 50n);
  const sameKey = stored(first.state, { ttl: 'abc', pause: true }, 50n);
  const written = stored(sameKey.state, { ttl: 'abcd' }, 51n);

  expect(first.state.dynamic.pause).toBe(true);
  expect(said(first)).toEqual(['refused: ttl: abc is not an integer']);
  expect(said(sameKey)).toEqual([]);
  expect(said(written)).toEqual(['refused: ttl: abcd is not an integer']);
});
