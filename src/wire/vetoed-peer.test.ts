import { expect, test } from 'vitest';
import { NOW, replicaSnapshot } from '../../test/support/node-snapshot.ts';
import { candidate, decided } from '../../test/support/observations.ts';
import { ahead, C, JUST_ASKED } from '../../test/support/observed-parts.ts';
import { instant } from '../domain/time.ts';
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
  const body = renderJson(nodeStatus(snapshot, nodeFacts(snapshot, NOW)));
  const headers = readPeerHeaders(peerHeaders(snapshot, NOW));
  const heard = readPeerAnswer({ member: C, askedAt: JUST_ASKED, body, headers });
  const peer = { ...heard, ...(heard.kind === 'reported' && { position: ahead(1n), timeline: null }) };

  expect(decided(candidate({ peers: [peer] }))).toMatchObject({ rule });
});
