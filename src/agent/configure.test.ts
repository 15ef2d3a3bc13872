import { describe, expect, test } from 'vitest';
import { agentIn, effectsOf, happens, type Story } from '../../test/support/agent-state.ts';
import { leader } from '../../test/support/observations.ts';
import type { AgentConfig } from '../domain/agent-config.ts';
import { seconds } from '../domain/time.ts';
import type { WatchdogSettings } from '../domain/watchdog.ts';

/** What happens when the file is read again, and its watchdog section says this now. */
function reloaded(watchdog: Partial<AgentConfig['watchdog']>): Story {
  const state = agentIn(leader());
  const { config } = state;
  const section = { ...config.watchdog, ...watchdog };
  return happens(state, { kind: 'config-reloaded', config: { ...config, watchdog: section } });
}

/** `null`: nothing was told. */
function told(story: Story): WatchdogSettings | 'none' | null {
  const orders = effectsOf(story, 'heartbeat').map(({ command }) => command);
  const order = orders.find((each) => each.kind === 'configure');
  return order === undefined ? null : (order.watchdog ?? 'none');
}

const complaints = (story: Story): readonly string[] =>
  effectsOf(story, 'log').flatMap((each) => (each.event === 'watchdog' ? [each.level] : []));

describe('a watchdog section that is read again', () => {
  test('is told to the heartbeat, and through it to the guardian', () => {
    const story = reloaded({ mode: 'required', device: '/dev/watchdog1' });

    expect(told(story)).toMatchObject({ device: '/dev/watchdog1', timeout: seconds(25), isRequired: true });
  });

  test('switches it off', () => {
    expect(told(reloaded({ mode: 'off' }))).toBe('none');
  });

  test('is of no interest when it says what it said', () => {
    expect(told(reloaded({}))).toBeNull();
  });

  test('that leaves no time to feed it is told to people, where one of them asked for it', () => {
    expect(complaints(reloaded({ safetyMargin: 0 }))).toEqual([]);
    expect(complaints(reloaded({ safetyMargin: 0, isNamed: true }))).toEqual(['warn']);
    expect(complaints(reloaded({ safetyMargin: 0, isNamed: true, mode: 'required' }))).toEqual(['error']);
    expect(told(reloaded({ safetyMargin: 0 }))).toBe('none');
  });
});

test('CONF-39, CONF-40: a reload has the files written and read again, once, whatever has changed', () => {
  const state = agentIn(leader());
  const { config, postgres: report } = state;
  if (report === null) throw new Error('the situation has a look');
  const first = happens(state, { kind: 'config-reloaded', config });
  const [reconfigure] = effectsOf(first, 'reconfigure');
  if (reconfigure === undefined) throw new Error('nothing is written');
  const written = happens(first.state, { kind: 'reconfigured', id: reconfigure.id, outcome: { kind: 'done' } });
  const looked = happens(written.state, {
    kind: 'postgres',
    report: { ...report, observedAt: written.state.now },
  });

  expect(written.state.memory.reloadDue).toBe(false);
  expect([...effectsOf(written, 'reconfigure'), ...effectsOf(looked, 'reconfigure')]).toEqual([]);
});
