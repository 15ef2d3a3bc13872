import { expect, test } from 'vitest';
import { NOW, replicaSnapshot } from '../../test/support/node-snapshot.ts';
import { candidate, type Difference, decided } from '../../test/support/observations.ts';
import { ahead, C, JUST_ASKED } from '../../test/support/observed-parts.ts';
import type { NodeSnapshot } from '../domain/node-snapshot.ts';
import { earlier, instant, millis, seconds } from '../domain/time.ts';
import { renderJson } from './json.ts';
import { readPeerAnswer } from './peer.ts';
import { nodeFacts } from './rest/node-facts.ts';
import { nodeStatus } from './rest/node-status.ts';
import { peerHeaders, readPeerHeaders } from './rest/peer-headers.ts';

test.each([
  ['is waited for', 30_000, 'defer-to-peer'],
  ['is not, while its pre_promote has said no: it would keep everybody waiting', 29_999, 'campaign'],
])('who is ahead %s', (_, saidNoAgo, rule) => {
  const snapshot = replicaSnapshot({ memory: { vetoedAt: instant(NOW - saidNoAgo) } });
  expect(decidedBeside(snapshot)).toMatchObject({ rule });
});

const since = { unlockedSince: earlier(NOW, seconds(30)) };
const failed = (failures: number, ago: number) =>
  new Map([['campaign', { until: earlier(NOW, millis(ago)), failures, reason: '', span: millis(5_000) }]]);

test.each([
  ['three times is not', 3, 0, since, 'campaign'],
  ['three times is, for one ttl', 3, 0, {}, 'defer-to-peer'],
  [
    'three times is, by one that cannot take it either',
    3,
    0,
    { ...since, backoffs: failed(1, 9_999) },
    'defer-to-peer',
  ],
  ['twice is', 2, 0, since, 'defer-to-peer'],
  ['some time ago is', 3, 10_000, since, 'defer-to-peer'],
])('who is ahead and could not take the lock %s waited for', (_, failures, ago, memory, rule) => {
  const snapshot = replicaSnapshot({ memory: { backoffs: failed(failures, ago) } });
  expect(decidedBeside(snapshot, { memory })).toMatchObject({ rule });
});

test.each([
  ['is waited for', {}, true, 'defer-to-peer'],
  ['is not for more than a ttl, where none may lead whose timeline is not known', since, true, 'campaign'],
  ['is, where one may', since, false, 'defer-to-peer'],
])('who is ahead and does not know its timeline %s', (_, memory, check, rule) => {
  expect(decidedBeside(replicaSnapshot({}), { memory, dynamic: { check_timeline: check } })).toMatchObject({ rule });
});

/** What `b` does, which hears from `c` by this. */
function decidedBeside(snapshot: NodeSnapshot, difference: Difference = {}) {
  const body = renderJson(nodeStatus(snapshot, nodeFacts(snapshot, NOW)));
  const headers = readPeerHeaders(peerHeaders(snapshot, NOW));
  const heard = readPeerAnswer({ member: C, askedAt: JUST_ASKED, body, headers });
  const peer = { ...heard, ...(heard.kind === 'reported' && { position: ahead(1n), timeline: null }) };
  return decided(candidate({ ...difference, peers: [peer] }));
}
