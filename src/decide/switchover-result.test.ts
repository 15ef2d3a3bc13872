import { describe } from 'vitest';
import { type Difference, replica } from '../../test/support/observations.ts';
import { A, C, lockOf, NOW, requested } from '../../test/support/observed-parts.ts';
import { type Expected, table } from '../../test/support/table.ts';
import { later, seconds } from '../domain/time.ts';
import { type OperatorRequest, switchoverResult } from './request-acceptance.ts';

type Move = Extract<OperatorRequest, { kind: 'switchover' | 'failover' }>;

describe('is the switchover over', () => {
  const asked = { kind: 'switchover', leader: 'a', candidate: 'c', scheduledAt: null } as const;
  const failover = { kind: 'failover', leader: null, candidate: 'c', scheduledAt: null } as const;
  const pending = { failover: requested({ candidate: C }) };
  const result = ({
    request = asked,
    given,
    until = later(NOW, seconds(1)),
  }: {
    request?: Move;
    given: Difference;
    until?: typeof NOW;
  }) => switchoverResult(replica(given).o, request, { holder: A, until, polls: 20 });
  const says = (status: number, text: string): Expected => ({ kind: 'text', status, text });
  table(result, (each: Parameters<typeof result>[0]) => each, [
    [
      'REST-61: another holds the lock',
      { given: { view: { ...pending, lock: lockOf('c') } } },
      says(200, 'Successfully switched over to "c"'),
    ],
    [
      'a failover says so',
      { request: failover, given: { view: { ...pending, lock: lockOf('c') } } },
      says(200, 'Successfully failed over to "c"'),
    ],
    [
      'REST-62: another than was asked for',
      { given: { view: { ...pending, lock: lockOf('b') } } },
      says(200, 'Switched over to "b" instead of "c"'),
    ],
    [
      'anybody will do when nobody was named',
      { request: { ...asked, candidate: null }, given: { view: { lock: lockOf('b') } } },
      says(200, 'Successfully switched over to "b"'),
    ],
    ['REST-72: the request vanished and nobody else leads', { given: {} }, says(503, 'Switchover failed')],
    ['REST-72: a failover says so, too', { request: failover, given: {} }, says(503, 'Failover failed')],
    ['the lock is released and not taken yet', { given: { view: { ...pending, lock: null } } }, null],
    ['a picture that is not the last says nothing of a vanished request', { given: { store: 'unsettled' } }, null],
    [
      'REST-72: nothing has changed for the whole time',
      { given: { view: pending }, until: NOW },
      says(503, 'Switchover status unknown after 20 seconds; operation may still be in progress'),
    ],
  ]);
});
