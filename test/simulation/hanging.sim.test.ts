import { describe, expect, test } from 'vitest';
import type { AgentEffect } from '../../src/ports/effects.ts';
import type { GuardianEffect } from '../../src/ports/guardian.ts';
import { isPaused } from '../../src/simulator/faults/cluster-pause.ts';
import type { Machines } from '../../src/simulator/node/machines.ts';
import { productionMachines } from '../../src/simulator/node/production-machines.ts';
import { Scenario } from '../../src/simulator/scenario.ts';

function expectKept(story: Scenario) {
  expect(story.violation, story.transcript().slice(-60).join('\n')).toBeNull();
}

test('a backend that pays no attention to an orderly stop is killed before the deadline, by the guardian if need be', () => {
  const story = new Scenario().untilHealthy();
  const old = story.leader();
  const { postgres } = story.node(old);

  story.happens({ kind: 'stick-backend', target: 'leader', span: 600_000 });
  story.happens({ kind: 'cut-node', target: 'leader', from: 'all', direction: 'both', span: 20_000 });
  story.until('it stops, and still writes', () => postgres.server.kind === 'stopping', 6_000);
  expect(postgres.acknowledges).toBe(true);
  story.happens({ kind: 'freeze-agent', target: 'leader', span: 20_000 });
  story.until('it is killed', () => postgres.server.kind === 'down', 1_300).untilLeaderIsNot(old, 6_500);

  expectKept(story.passes(20_000).untilHealthy());
});

test('a switchover waits for a backend that does not end; primary_stop_timeout is what bounds that', () => {
  const story = new Scenario().untilHealthy().passes(5_000);
  const old = story.leader();
  const { postgres, agent } = story.node(old);
  agent.request({ kind: 'patch-config', patch: { primary_stop_timeout: 20 } }, () => undefined);

  story.passes(5_000).happens({ kind: 'stick-backend', target: 'leader', span: 600_000 }).switchover(null);
  story.passes(19_000);
  expect(postgres.server.kind).toBe('stopping');
  story.until('somebody leads', () => story.world.leader() !== null, 20_000).untilHealthy();

  expectKept(story);
});

test('a primary that hangs keeps its lock while its time for starting lasts; then it is killed and another leads', () => {
  const story = new Scenario().untilHealthy().passes(5_000);
  const old = story.leader();
  story.node(old).agent.request({ kind: 'patch-config', patch: { primary_start_timeout: 10 } }, () => undefined);

  story.passes(5_000).happens({ kind: 'hang-postgres', target: 'leader', how: 'stopped', span: 600_000 });
  story.passes(9_000);
  expect(story.world.lockHolder()).toBe(old);
  story.untilLeaderIsNot(old, 10_000).untilHealthy();

  expectKept(story);
});

test.each(['stopped', 'disk'] as const)(
  'a primary that hangs (%s) past the end of its lease acknowledges nothing when it comes back',
  (how) => {
    const story = new Scenario().untilHealthy().passes(5_000);
    const old = story.leader();

    story.happens({ kind: 'hang-postgres', target: 'leader', how, span: 30_000 });
    story.happens({ kind: 'cut-node', target: 'leader', from: 'all', direction: 'both', span: 20_000 });
    story.untilLeaderIsNot(old, 8_000);
    if (how === 'disk') expect(story.node(old).postgres.server.kind).not.toBe('down');

    expectKept(story.passes(30_000).untilHealthy());
  },
);

test('a standby that hangs is left alone, and streams again when it comes back', () => {
  const story = new Scenario().untilHealthy().passes(5_000);
  const [replica = ''] = story.replicas();
  const { postgres } = story.node(replica);
  const { serverLife } = postgres;

  story.happens({ kind: 'hang-postgres', target: story.numberOf(replica), how: 'stopped', span: 100_000 });
  story.passes(99_000);
  expect(postgres.link.isFlowing).toBe(false);
  story.passes(2_000).untilHealthy(6_000);

  expect(postgres.serverLife).toBe(serverLife);
  expectKept(story);
});

test('a stop that was asked of a server on a hung disk is not forgotten when that has recovered (seed 203674)', () => {
  const story = new Scenario({ seed: 203_674, crashRecovery: { from: 300, to: 3868 } });

  story.at(2759).happens({ kind: 'hang-postgres', target: 'leader', span: 2267, how: 'disk' });
  story.at(2920).happens({ kind: 'restart-with-file', target: 1, span: 381, file: { tags: { nofailover: true } } });
  story.untilHealthy();

  expectKept(story);
});

test('what may still write is stopped when the time for a proof is over, whenever it is looked at (seed 30021529)', () => {
  const story = new Scenario({ ttl: 30, loopWait: 10, retryTimeout: 10 }).untilHealthy().passes(5_000);
  const old = story.leader();
  const { postgres } = story.node(old);
  const others = story.replicas().map((each) => story.numberOf(each));
  story.happens({ kind: 'stick-backend', target: 'leader', span: 600_000 }).switchover(null);
  story.passes(5_000).happens({ kind: 'pause-cluster', of: 'leader', span: 42_000 }).passes(1_000);
  story.happens({ kind: 'kill-agent', target: 'leader', span: 35_000 });
  for (const target of others) story.happens({ kind: 'power-off', target, span: 120_000 });

  story
    .passes(40_000)
    .until('the pause is over', () => !isPaused(story.world), 5_000)
    .passes(14_900);
  expect(postgres.acknowledges).toBe(true);
  story.until('it is ended', () => !postgres.acknowledges, 300);

  expectKept(story.faultsEnd().untilHealthy());
});

describe('the agent of a primary ends in a pause, and finds it hung when the pause is over', () => {
  /** The agent is back ten seconds after this. Nobody else can lead before `othersReturnAfter`. */
  function foundHung(change: {
    readonly othersReturnAfter: number;
    readonly hangs: number;
    readonly machines?: Machines;
  }): { readonly story: Scenario; readonly old: string } {
    const { othersReturnAfter, hangs, machines = productionMachines } = change;
    const story = new Scenario({ machines }).untilHealthy().passes(5_000);
    const old = story.leader();
    const others = story.replicas().map((each) => story.numberOf(each));
    story.happens({ kind: 'pause-cluster', of: 'leader', span: 2_000 }).passes(1_000);
    story.happens({ kind: 'kill-agent', target: 'leader', span: 12_000 }).passes(2_000);
    story.happens({ kind: 'hang-postgres', target: 'leader', how: 'stopped', span: hangs });
    for (const target of others) story.happens({ kind: 'power-off', target, span: othersReturnAfter });
    return { story, old };
  }

  test('a stop that is being enforced is not begun anew when another one leads (seed 31001955)', () => {
    const { story, old } = foundHung({ othersReturnAfter: 22_500, hangs: 600_000 });
    const { postgres } = story.node(old);

    story.untilLeaderIsNot(old, 24_000);
    expect(postgres.server.kind).toBe('primary');
    story.until('it is killed', () => postgres.server.kind === 'down', 5_000);

    expectKept(story.untilHealthy());
  });

  test('it may go on, as in the pause, until the stop can be enforced', () => {
    const { story, old } = foundHung({ othersReturnAfter: 60_000, hangs: 26_500 });
    const { postgres } = story.node(old);

    story.passes(26_400);
    expect(postgres.server.kind).toBe('primary');
    story.until('it goes on, and ends', () => postgres.server.kind === 'down', 200);

    expectKept(story.faultsEnd().untilHealthy());
  });

  test('also where the agent that came back to it stands still again: after that it begins anew', () => {
    const { story, old } = foundHung({ othersReturnAfter: 60_000, hangs: 45_000 });
    const { postgres } = story.node(old);

    story.passes(18_500).happens({ kind: 'freeze-agent', target: story.numberOf(old), span: 30_000 });
    expect(postgres.server.kind).toBe('primary');
    story.until('it goes on, and ends', () => postgres.server.kind === 'down', 30_000);

    expectKept(story.faultsEnd().untilHealthy());
  });

  test('not where its lock is proven since: a guardian that fences nobody then is caught, too', () => {
    const isNoFence = ({ kind }: GuardianEffect): boolean => kind !== 'fast-stop' && kind !== 'hard-fence';
    const guardian: Machines['guardian'] = (start) => {
      const step = productionMachines.guardian(start);
      return (event) => step(event).filter(isNoFence);
    };
    const story = new Scenario({ machines: { ...productionMachines, guardian } }).untilHealthy().passes(5_000);

    story.happens({ kind: 'pause-cluster', of: 'leader', span: 2_000 }).passes(8_000);
    story.happens({ kind: 'kill-agent', target: 'leader', span: 60_000 }).passes(59_000);

    expect(story.violation?.checker).toBe('no-acknowledgement-after-deadline');
  });

  test('but no longer: a stop that never comes is caught', () => {
    const isNoStop = (effect: AgentEffect): boolean => effect.kind !== 'run-task' || effect.task.kind !== 'stop';
    const agent: Machines['agent'] = (start) => {
      const machine = productionMachines.agent(start);
      return { ...machine, step: (event) => machine.step(event).filter(isNoStop) };
    };
    const machines = { ...productionMachines, agent };
    const { story } = foundHung({ othersReturnAfter: 60_000, hangs: 32_500, machines });

    expect(story.passes(32_400).violation).toBeNull();
    expect(story.passes(200).violation?.checker).toBe('no-acknowledgement-after-deadline');
  });
});
