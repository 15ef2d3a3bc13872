import { expect, test } from 'vitest';
import { failover } from '../../../test/support/failover-looks.ts';
import { globals } from '../../../test/support/fake-operator.ts';
import { type Look, memberKey, watchedCluster } from '../../../test/support/watched-cluster.ts';
import { runWatch } from './run-watch.ts';

async function watch(looks: readonly Look[], as: 'lines' | 'json' = 'lines') {
  const { line, seen, isOver } = watchedCluster(looks);
  const code = await runWatch({ ...globals, cluster: 'demo', show: { as, isOver } }, line);
  expect(seen.writes).toEqual([]);
  expect(seen.open).toBe(0);
  return { code, stderr: seen.stderr, lines: seen.stdout.trimEnd().split('\n'), calls: seen.calls };
}

/** What came after the first look; without the time. */
async function news(...looks: readonly Look[]): Promise<readonly string[]> {
  const { lines: first } = await watch([{}]);
  const { lines } = await watch([{}, ...looks]);
  return lines.slice(first.length).map((line) => line.slice('2031-05-04 09:00:00  '.length));
}

test('at first it says what there is', async () => {
  expect(await watch([{}])).toMatchObject({
    code: 0,
    lines: [
      '2031-05-04 09:00:01  n1: has the lock',
      '2031-05-04 09:00:01  n1: primary, running, timeline 4',
      '2031-05-04 09:00:01  n2: replica, streaming, timeline 4',
      '2031-05-04 09:00:01  n3: replica, streaming, timeline 4',
      '2031-05-04 09:00:01  n1: acts by the rule lead',
      '2031-05-04 09:00:01  n2: acts by the rule follow: leader=n1',
      '2031-05-04 09:00:01  n3: acts by the rule follow: leader=n1',
    ],
  });
});

test('while nothing changes it says nothing: positions are no change', async () => {
  expect(await news({}, { status: { n2: { xlog: { received_location: 83_999_999 } } } })).toEqual([]);
});

test('a failover, step by step, with its reasons', async () => {
  expect(await news(...failover.slice(1))).toEqual([
    'n2: replica, running, timeline 4',
    'n3: replica, running, timeline 4',
    'n1: its agent does not answer: connect ECONNREFUSED',
    'lock: nobody has it (before: n1)',
    'n1: its key ended with its lease',
    'n2: acts by the rule campaign; waits for answers of n3',
    'n2: took the lock, by the rule campaign: peers=1; n1 led before, its lease ended; nobody led for 0.54 s; not n3: is equal',
    'n2: became a primary, by the rule promote: how=race',
    'n2: has the lock',
    'n2: primary, running, timeline 5',
    'n3: replica, streaming, timeline 5',
    'n2: acts by the rule lead',
  ]);
});

test('what was told once is not told again when an agent was silent in between', async () => {
  const led = failover.at(-1) ?? {};
  const silent = { ...led, status: { ...led.status, n2: null } };
  const lines = await news(led, silent, led);
  expect(lines.filter((line) => line.includes('became a primary'))).toHaveLength(1);
  expect(lines.slice(-2)).toEqual([
    'n2: its agent does not answer: connect ECONNREFUSED',
    'n2: its agent answers again',
  ]);
});

test.each<[string, Look, readonly string[]]>([
  ['a pause', { keys: { config: { ttl: 30, pause: true } } }, ['paused']],
  [
    'a scheduled switchover',
    { keys: { failover: { leader: 'n1', member: 'n2', scheduled_at: '2031-05-05T10:00:00+00:00' } } },
    ['switchover scheduled at 2031-05-05T10:00:00+00:00 from n1 to n2'],
  ],
  [
    'a store that is silent leaves its last picture',
    { storeSilence: 'no leader' },
    ['store: does not answer: no leader'],
  ],
  [
    'another member',
    { keys: { 'members/n4': memberKey('n4') }, status: { n4: {} } },
    ['n4: replica, streaming, timeline 4', 'n4: acts by the rule follow: leader=n1'],
  ],
])('%s is a line', async (_name, look, lines) => {
  expect(await news(look)).toEqual(lines);
});

test('a member whose agent is Patroni’s is shown, and not asked to explain itself', async () => {
  const { lines, calls } = await watch([{ keys: { 'members/n3': memberKey('n3', { agent: null }) } }]);
  expect(lines).toContain('2031-05-04 09:00:01  n3: replica, streaming, timeline 4');
  const asked = calls.filter(({ apiUrl }) => apiUrl.includes('n3')).map(({ path }) => path);
  expect(asked).toEqual(['/patroni']);
});

test('for programs each change is an object', async () => {
  const { lines } = await watch(failover, 'json');
  const said = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(said.every(({ cluster, at }) => cluster === 'demo' && typeof at === 'string')).toBe(true);
  expect(said[1]).toMatchObject({ event: 'member', member: 'n1', role: 'primary', leads: true, timeline: 4 });
  expect(said.find(({ event }) => event === 'race')).toMatchObject({ member: 'n2', unled_ms: 540, outcome: 'won' });
  expect(said.filter(({ event }) => event === 'leader').map(({ leader }) => leader)).toEqual(['n1', null, 'n2']);
});

test('what happened before is told at first, oldest first', async () => {
  const history = [[4, 83_886_176, 'no recovery target specified', '2031-05-04T06:00:00+00:00', 'n2']];
  const { lines } = await watch([
    { ...failover.at(-1), keys: { ...failover.at(-1)?.keys, history: JSON.stringify(history) } },
  ]);
  expect(lines[0]).toMatch(/timeline 4 ended at 0\/5000060, n2 led next: no recovery target specified$/);
  expect(lines[1]).toMatch(/n2: took the lock/);
  expect(lines[2]).toMatch(/n2: became a primary/);
});

test('a cluster that is not there is watched, and that it is not there is said', async () => {
  const nobody = { leader: null, 'members/n1': null, 'members/n2': null, 'members/n3': null };
  const { code, stderr, lines } = await watch([{ keys: nobody }, {}]);
  expect([code, stderr]).toEqual([0, 'Cluster demo has no members in the store\n']);
  expect(lines).toContain('2031-05-04 09:00:02  n2: replica, streaming, timeline 4');
});

test('a store that never answers is an error, as of any other command', async () => {
  const { line, seen } = watchedCluster([{ storeSilence: 'no leader' }]);
  let now = 0;
  const later = { ...line, now: () => (now += 4_000) as ReturnType<typeof line.now> };
  expect(await runWatch({ ...globals, cluster: 'demo', show: { as: 'lines', isOver: () => true } }, later)).toBe(1);
  expect(seen.stderr).toMatch(/Error: Can not read cluster demo: no leader\n$/);
});
