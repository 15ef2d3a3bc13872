import { expect, test } from 'vitest';
import { leaderSnapshot } from '../../test/support/node-snapshot.ts';
import { instant, wallTime } from '../domain/time.ts';
import type { AgentEvent } from '../ports/events.ts';
import { replayTrace } from './replay.ts';
import { initialAgentState } from './state.ts';
import { stepAgent } from './step.ts';
import { encodeTrace, TRACE_VERSION } from './trace.ts';

test('a trace replays to the same decisions, and shows the step from which they differ', () => {
  const { observation } = leaderSnapshot();
  const { config, dynamic, postgres, lease } = observation;
  const initial = initialAgentState({ at: instant(0), wallAt: wallTime(0), config, dynamic });
  const events: AgentEvent[] = [
    { at: instant(1), wallAt: wallTime(1), kind: 'started' },
    ...(postgres === null
      ? []
      : [{ at: instant(2), wallAt: wallTime(2), kind: 'postgres', report: postgres } as const]),
    ...(lease === null ? [] : [{ at: instant(3), wallAt: wallTime(3), kind: 'lease', report: lease } as const]),
  ];
  let state = initial;
  const lines = [encodeTrace({ trace: TRACE_VERSION, initial })];
  for (const [index, event] of events.entries()) {
    const stepped = stepAgent(state, event);
    state = stepped.state;
    const { decision, memory } = state;
    lines.push(encodeTrace({ step: index + 1, event, decision, memory, effects: stepped.effects }));
  }

  expect(replayTrace(lines)).toEqual({ kind: 'same', steps: events.length });
  const last = lines.pop() ?? '';
  const altered = [...lines, last.replace(/"rule":"[^"]*"/, '"rule":"lock-lost"')];
  expect(replayTrace(altered)).toMatchObject({ kind: 'differs', step: events.length, recorded: 'lock-lost' });
  expect(replayTrace(['{"step":1}'])).toMatchObject({ kind: 'unreadable', line: 1 });
});

test('a trace holds no password', () => {
  const { config, dynamic } = leaderSnapshot().observation;
  const superuser = { ...config.postgres.superuser, password: 'tell-nobody' };
  const initial = initialAgentState({
    at: instant(0),
    wallAt: wallTime(0),
    config: {
      ...config,
      postgres: { ...config.postgres, superuser },
      store: { ...config.store, password: 'tell-nobody' },
    },
    dynamic,
  });
  const line = encodeTrace({ trace: TRACE_VERSION, initial });

  expect(line).toContain(config.scope);
  expect(line).not.toContain('tell-nobody');
});
