import { expect, test } from 'vitest';
import { leaderSnapshot } from '../../../test/support/node-snapshot.ts';
import { initialAgentState } from '../../agent/state.ts';
import { stepAgent } from '../../agent/step.ts';
import { type AgentStart, traceStep } from '../../agent/trace.ts';
import { instant, wallTime } from '../../domain/time.ts';
import type { AgentEvent } from '../../ports/events.ts';
import { TRACE_VERSION } from '../../ports/trace.ts';
import { encodeTrace } from '../../wire/trace-text.ts';
import { replayTrace } from './replay-trace.ts';

const start = ((): AgentStart => {
  const { config, dynamic } = leaderSnapshot().observation;
  return { at: instant(0), wallAt: wallTime(0), config, dynamic };
})();

/** A short life: what it was told, as a trace has it. The last state lets the trace go on elsewhere. */
function life(): { readonly lines: readonly string[]; readonly last: ReturnType<typeof initialAgentState> } {
  const { postgres, lease } = leaderSnapshot().observation;
  const events: AgentEvent[] = [
    { at: instant(1), wallAt: wallTime(1), kind: 'started' },
    ...(postgres === null
      ? []
      : [{ at: instant(2), wallAt: wallTime(2), kind: 'postgres', report: postgres } as const]),
    ...(lease === null ? [] : [{ at: instant(3), wallAt: wallTime(3), kind: 'lease', report: lease } as const]),
  ];
  let state = initialAgentState(start);
  const lines = [encodeTrace({ trace: TRACE_VERSION, machine: 'agent', start })];
  for (const [index, event] of events.entries()) {
    const stepped = stepAgent(state, event);
    const change = { before: state, after: stepped.state, effects: stepped.effects };
    lines.push(encodeTrace({ step: index + 1, ...traceStep(event, change) }));
    state = stepped.state;
  }
  return { lines, last: state };
}

test('a trace replays to the same decisions and effects', () => {
  const { lines } = life();
  expect(replayTrace(lines)).toEqual({ kind: 'same', machine: 'agent', lives: 1, steps: lines.length - 1 });
});

test('the first step whose decision or effect differs is shown', () => {
  const { lines } = life();
  const last = lines.at(-1) ?? '';
  const otherRule = [...lines.slice(0, -1), last.replace(/"rule":"[^"]*"/, '"rule":"lock-lost"')];
  expect(replayTrace(otherRule)).toMatchObject({ kind: 'differs', life: 1, step: lines.length - 1 });

  const [header = '', first = '', ...rest] = lines;
  const otherEffect = [header, first.replace('{"kind":"look"}', '{"kind":"reread-store"}'), ...rest];
  expect(replayTrace(otherEffect)).toMatchObject({
    kind: 'differs',
    step: 1,
    recorded: '{"kind":"reread-store"}',
    now: '{"kind":"look"}',
  });
});

test('a trace that goes on after dropped steps replays from the state of then', () => {
  const { lines, last } = life();
  const event: AgentEvent = { at: instant(50), wallAt: wallTime(50), kind: 'timer', name: 'loop' };
  const stepped = stepAgent(last, event);
  const step = traceStep(event, { before: last, after: stepped.state, effects: stepped.effects });
  const goesOn = [
    encodeTrace({ trace: TRACE_VERSION, machine: 'agent', resumed: last, dropped: 2 }),
    encodeTrace({ step: 6, ...step }),
  ];
  expect(replayTrace([...lines.slice(0, 2), ...goesOn])).toEqual({
    kind: 'same',
    machine: 'agent',
    lives: 2,
    steps: 2,
  });
});

test('a line that a kill cut off is no fault of the trace, unless the same life goes on after it', () => {
  const { lines } = life();
  const torn = (lines.at(-1) ?? '').slice(0, 40);
  const whole = lines.slice(0, -1);
  expect(replayTrace([...whole, torn])).toMatchObject({ kind: 'same', lives: 1 });
  expect(replayTrace([...whole, torn, '', ...lines])).toMatchObject({ kind: 'same', lives: 2 });
  expect(replayTrace([...whole, torn, ...lines.slice(-1)])).toMatchObject({
    kind: 'unreadable',
    line: whole.length + 1,
  });
  expect(replayTrace(['{"step":1}'])).toMatchObject({ kind: 'unreadable', line: 1 });
});

test('a trace holds no password', () => {
  const superuser = { ...start.config.postgres.superuser, password: 'tell-nobody' };
  const store = { ...start.config.store, password: 'tell-nobody' };
  const config = { ...start.config, postgres: { ...start.config.postgres, superuser }, store };
  const line = encodeTrace({ trace: TRACE_VERSION, machine: 'agent', start: { ...start, config } });

  expect(line).toContain(config.scope);
  expect(line).not.toContain('tell-nobody');
});
