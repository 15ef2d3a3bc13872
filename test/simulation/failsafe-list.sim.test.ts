import { expect, test } from 'vitest';
import { memberName, storeKey } from '../../src/domain/names.ts';
import { Scenario } from '../../src/simulator/scenario.ts';

test.each([0, 1, 2])(
  'a list of the members that comes late lets nobody lead who was not asked (endpoint %i)',
  (endpoint) => {
    const writeLoad = { bytesPerMs: 2, busyMs: 1, idleMs: 0 };
    const story = new Scenario({ nodes: 4, failsafeMode: true, writeLoad }).untilHealthy().passes(10_000);
    const { leadership, keys } = story.world.store;
    const a = story.leader();
    const z = story.replicas()[0] ?? '';
    const listed = () => keys.get(storeKey('failsafe'))?.value.includes(`"${z}"`) === true;
    const isSent = () => story.node(a).agent.snapshot()?.memory.failsafeSent?.members.has(memberName(z)) === true;
    story.happens({ kind: 'kill-agent', target: story.numberOf(z), span: 8_000 });
    story.until('it goes off the list', () => !listed() && !isSent(), 8_000);
    story.until('the leader puts it on again', isSent, 10_000);
    // Its own store member stands still just then: what was sent arrives when that goes on.
    const member = leadership.members[endpoint];
    if (member === undefined) throw new Error('no such member');
    leadership.freeze(member);
    story.happens({ kind: 'cut-node', target: story.numberOf(z), from: 'store', direction: 'both', span: 10_000 });
    story.passes(9_000);
    story.happens({ kind: 'cut-node', target: story.numberOf(a), from: 'store', direction: 'both', span: 60_000 });
    leadership.thaw(member);
    story.passes(1_900);
    story.happens({ kind: 'cut-node', target: story.numberOf(z), from: 'peers', direction: 'both', span: 60_000 });
    story.passes(30_000);
    expect(story.violation, story.ending()).toBeNull();
  },
);
