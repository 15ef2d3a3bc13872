import { expect, test } from 'vitest';
import { lsnOf } from '../../../test/support/node-snapshot.ts';
import { memberName } from '../../domain/names.ts';
import type { Succession } from '../../domain/succession.ts';
import { timeline } from '../../domain/timeline.ts';
import { renderSpacedJson } from './spaced-json.ts';
import { readSuccession, successionDocument } from './succession-document.ts';

const succession: Succession = {
  leader: memberName('n1'),
  position: lsnOf(83_886_176n),
  maximumLagBytes: 1_048_576n,
  members: [
    { name: memberName('n2'), unfit: null, timeline: timeline(4), position: lsnOf(83_886_000n), lagBytes: 176n },
    {
      name: memberName('n3'),
      unfit: { reason: 'unreachable', because: 'not reachable' },
      timeline: null,
      position: null,
      lagBytes: null,
    },
  ],
};

test('what is sent is what is read', () => {
  const body = renderSpacedJson(successionDocument(succession));

  expect(body).toContain('"name": "n2", "could_lead": true, "reason": null, "because": null, "timeline": 4');
  expect(readSuccession(body)).toEqual(succession);
});

test.each(['', '[]', '{"members": []}', '<html>'])('%j is no such document', (body) => {
  expect(readSuccession(body)).toBeNull();
});

test('a verdict that cannot be read is left out rather than taken for a good one', () => {
  const body = '{"leader": "n1", "maximum_lag_bytes": 1, "members": [{"name": "n2", "could_lead": false}]}';

  expect(readSuccession(body)?.members).toEqual([]);
});
