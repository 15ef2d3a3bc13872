import { expect, test } from 'vitest';
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
