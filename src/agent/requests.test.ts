import { describe, expect, test } from 'vitest';
import { agentIn, effectsOf, happens, type Story } from '../../test/support/agent-state.ts';
import { leader, replica } from '../../test/support/observations.ts';
import {
  C,
  lockOf,
  peer,
  primaryAnswer,
  requested,
  scheduledIn,
  VIEW_REVISION,
} from '../../test/support/observed-parts.ts';
import { physicalSlot } from '../../test/support/slots.ts';
import type { ClusterView } from '../domain/cluster-view.ts';
import { revision } from '../domain/names.ts';
import type { AgentRequest } from '../domain/requests.ts';
import { seconds } from '../domain/time.ts';
import { readDynamicConfig } from '../wire/config/dynamic.ts';
import type { AgentState } from './state.ts';

const quietLeader = () => {
  const server = primaryAnswer({ slots: [physicalSlot('b'), physicalSlot('c')] });
  return happens(agentIn(leader({ server })), { kind: 'timer', name: 'loop' }).state;
};
const WRITTEN = revision(VIEW_REVISION + 3n);

const asks = (state: AgentState, id: number, request: AgentRequest) => happens(state, { kind: 'request', id, request });
const writesOf = (story: Story, key: string) => effectsOf(story, 'write').filter(({ write }) => write.key === key);
const shows = ({ state }: Story, change: Partial<ClusterView>) => {
  if (state.view === null) throw new Error('the fixture has a view');
  return happens(state, { kind: 'view', gapless: true, view: { ...state.view, revision: WRITTEN, ...change } });
};
const written = (story: Story, key: string, at = WRITTEN) =>
  happens(story.state, {
    kind: 'write-answered',
    id: writesOf(story, key)[0]?.id ?? 0,
    outcome: { kind: 'written', revision: at },
  });
const patched = (ttl: number) => ({ kind: 'patch-config', patch: { ttl } }) as const;
const configWith = (document: Parameters<typeof readDynamicConfig>[0]) =>
  ({ kind: 'valid', modRevision: WRITTEN, config: readDynamicConfig(document).config }) as const;

describe('a request that comes before the picture of what the one before it wrote', () => {
  const first = () => written(asks(quietLeader(), 11, patched(40)), 'config');
  const document = { ttl: 40, loop_wait: 10, retry_timeout: 10, postgresql: { use_pg_rewind: true } };
  const seen = { config: configWith(document) };

  test('takes the change back, though the picture before it shows nothing to change', () => {
    const back = asks(first().state, 12, patched(30));
    expect(effectsOf(back, 'reply')).toEqual([]);

    const writing = shows(back, seen);
    expect(writesOf(writing, 'config')).toMatchObject([
      { write: { action: { value: { json: { ttl: 30 } } }, when: [{ revision: WRITTEN }] } },
    ]);
  });

  test('replaces all by what was there before', () => {
    const before = { loop_wait: 10, postgresql: { use_pg_rewind: true }, retry_timeout: 10, ttl: 30 };
    const back = asks(first().state, 12, { kind: 'put-config', document: before });
    expect(effectsOf(back, 'reply')).toEqual([]);

    expect(writesOf(shows(back, seen), 'config')).toMatchObject([{ write: { action: { value: { json: before } } } }]);
  });

  test('changes something else, against the version that was written', () => {
    const story = asks(first().state, 12, { kind: 'patch-config', patch: { loop_wait: 5 } });
    expect(writesOf(story, 'config')).toEqual([]);

    expect(writesOf(shows(story, seen), 'config')).toMatchObject([
      { write: { action: { value: { json: { ttl: 40, loop_wait: 5 } } }, when: [{ revision: WRITTEN }] } },
    ]);
  });

  test('deletes the switchover that was scheduled just now', () => {
    const request = { kind: 'switchover', leader: 'a', candidate: null, scheduledAt: '2026-09-02T02:30:00Z' } as const;
    const scheduled = written(asks(quietLeader(), 11, request), 'failover');
    const story = asks(scheduled.state, 12, { kind: 'cancel-switchover' });
    expect(effectsOf(story, 'reply')).toEqual([]);

    const failover = requested({ leader: lockOf('a').holder, schedule: scheduledIn(3_600), modRevision: WRITTEN });
    const deleting = shows(story, { failover, failoverKeyRevision: WRITTEN });
    expect(writesOf(deleting, 'failover')).toMatchObject([{ write: { when: [{ revision: WRITTEN }] } }]);
  });

  test('is dropped in the end when that picture does not come', () => {
    const { state } = asks(first().state, 12, patched(30));
    const early = happens(state, { kind: 'timer', name: 'loop' }, seconds(5));
    expect(effectsOf(early, 'reply')).toEqual([]);

    const late = happens(early.state, { kind: 'timer', name: 'wake' }, seconds(5));
    expect(effectsOf(late, 'reply')).toEqual([{ kind: 'reply', id: 12, answer: { kind: 'drop' } }]);
  });
});

test('REST-61: who took over before the write of the request was answered has taken over', () => {
  const request = { kind: 'failover', leader: null, candidate: 'c', scheduledAt: null } as const;
  const nobody = happens(agentIn(replica({ view: { lock: null } })), { kind: 'timer', name: 'loop' });
  const asked = asks(nobody.state, 11, request);
  const writing = happens(asked.state, { kind: 'peer-answered', answer: peer('c', { askedAt: asked.state.now }) });
  expect(writesOf(writing, 'failover')).toHaveLength(1);

  const taken = shows(writing, { lock: lockOf('c'), failover: null, revision: revision(VIEW_REVISION + 5n) });
  const [write] = writesOf(writing, 'failover');
  const story = happens(taken.state, {
    kind: 'write-answered',
    id: write?.id ?? 0,
    outcome: { kind: 'written', revision: WRITTEN },
  });
  expect(effectsOf(story, 'reply')).toMatchObject([
    { answer: { status: 200, text: `Successfully failed over to "${C}"` } },
  ]);
});
