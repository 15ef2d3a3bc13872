import { expect, test } from 'vitest';
import { agentIn } from '../../test/support/agent-state.ts';
import { leader, replica, stopped } from '../../test/support/observations.ts';
import { seconds } from '../domain/time.ts';
import { dynamicToKeep } from './kept-dynamic.ts';

test('CONF-45: what is kept is the document of the store with the timings in force', () => {
  const state = agentIn(leader({ dynamic: { ttl: '20', loop_wait: 30, stranger: { a: 1 } } }));
  const timings = { ttl: seconds(20), loopWait: seconds(1), retryTimeout: seconds(9) };
  expect(dynamicToKeep({ ...state, timings })).toMatchObject({
    ttl: 20,
    loop_wait: 1,
    retry_timeout: 9,
    stranger: { a: 1 },
    postgresql: { use_pg_rewind: true },
  });
});

test('nothing is kept while no picture of the store was seen, nothing runs, or a task changes what lies there', () => {
  const state = agentIn(replica());
  const task = { id: 1, task: { kind: 'crash-recovery' }, since: state.now, note: null, cancelling: false } as const;

  expect(dynamicToKeep(state)).not.toBeNull();
  expect(dynamicToKeep({ ...state, view: null })).toBeNull();
  expect(dynamicToKeep({ ...state, task: { ...task, decision: state.decision } })).toBeNull();
  expect(dynamicToKeep(agentIn(stopped()))).toBeNull();
});
