import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { failover } from '../../../test/support/failover-looks.ts';
import { NOW } from '../../../test/support/node-snapshot.ts';
import { memberKey, scenesOf } from '../../../test/support/watched-cluster.ts';
import { type Instant, later, millis } from '../../domain/time.ts';
import { textOf } from '../../terminal/line.ts';
import type { Size } from '../../terminal/size.ts';
import { changesSince, pastOf } from './changes.ts';
import { type Page, renderWatch, type Watched } from './render-watch.ts';
import { verdictOf } from './verdict.ts';

async function watched(looks: Parameters<typeof scenesOf>[0], now: Instant = NOW): Promise<Watched> {
  const scenes = await scenesOf(looks);
  const [first] = scenes;
  const scene = scenes.at(-1);
  if (first === undefined || scene === undefined) throw new Error('nothing was seen');
  const changes = scenes.slice(1).flatMap((each, index) => changesSince(scenes[index] ?? each, each));
  return { scene, changes: [...pastOf(first), ...changes], now };
}

const names = Array.from({ length: 30 }, (_, index) => `n${String(index + 1)}`);
const many = Object.fromEntries(names.slice(3).map((name) => [`members/${name}`, memberKey(name)]));

const pictures: readonly (readonly [string, () => Promise<Watched>, Page])[] = [
  ['healthy', () => watched([{}]), 'cluster'],
  ['leaderless', () => watched(failover.slice(0, 3)), 'cluster'],
  ['after', () => watched(failover), 'cluster'],
  [
    'strange',
    () =>
      watched([
        {
          keys: {
            'members/n3': memberKey('n3', { agent: null, tags: { replicatefrom: 'n2' }, pause: true }),
            'members/a-member-with-a-long-name': memberKey('n4', { state: 'creating replica', role: 'uninitialized' }),
            config: { ttl: 30, pause: true },
            failover: { leader: 'n1', member: 'n2', scheduled_at: '2031-05-05T10:00:00+00:00' },
          },
          status: { n1: null, n4: null },
        },
      ]),
    'cluster',
  ],
  ['many', () => watched([{ keys: many }]), 'cluster'],
  ['help', () => watched([{}]), 'help'],
];
const sizes: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 30 },
];

/** As it is to be read: a frame, and beside each line the styles in it that mean something. */
function picture(shown: Watched, page: Page, size: Size): string {
  const lines = renderWatch(shown, page, size).map((line) => {
    const styles = line.filter(({ style }) => style !== 'plain' && style !== 'dim').map(({ style }) => style);
    return `${textOf(line).padEnd(size.columns)}| ${styles.join(' ')}`.trimEnd();
  });
  return `${lines.join('\n')}\n`;
}

test.for(pictures.flatMap(([name, make, page]) => sizes.map((size) => ({ name, make, page, size }))))(
  'the view: $name at $size.columns',
  async ({ name, make, page, size }) => {
    const file = join(import.meta.dirname, 'golden', `${name}-${String(size.columns)}x${String(size.rows)}.txt`);
    await expect(picture(await make(), page, size)).toMatchFileSnapshot(file);
  },
);

test('whatever the size, there are exactly as many lines as rows, and none is longer than the columns', async () => {
  const shown = await Promise.all(pictures.map(async ([, make, page]) => ({ watched: await make(), page })));
  const size = fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) });
  fc.assert(
    fc.property(fc.constantFrom(...shown), size, ({ watched: each, page }, of) => {
      const lines = renderWatch(each, page, of).map(textOf);
      expect(lines).toHaveLength(of.rows);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(of.columns);
    }),
  );
});

test('the lease runs down by the clock, and one whose end nobody tells of is not said to have ended', async () => {
  const lease = async (passedMs: number): Promise<string> => {
    const shown = await watched([{}], later(NOW, millis(passedMs)));
    const lines = renderWatch(shown, 'cluster', { columns: 80, rows: 24 }).map(textOf);
    return lines.find((line) => line.startsWith(' lease')) ?? '';
  };
  expect(await lease(0)).toContain('21.4 s left of 30 s');
  expect(await lease(1_400)).toContain('20.0 s left of 30 s');
  expect(await lease(22_000)).toContain('its agent does not say');
});

test.each<[string, Parameters<typeof scenesOf>[0], RegExp]>([
  ['all is well', [{}], /^healthy$/],
  ['the store is silent', [{}, { storeSilence: 'no leader' }], /^the store does not answer: no leader$/],
  ['the leader is no primary', [{ status: { n1: { role: 'replica' } } }], /^n1 has the lock, and its PostgreSQL is/],
  ['two are primaries', [{ status: { n2: { role: 'primary' } } }], /^n2: primary without the lock$/],
  ['one does not stream', [{ status: { n3: { replication_state: undefined } } }], /^n3 does not stream \(running\)$/],
  ['one is on another timeline', [{ status: { n3: { timeline: 3 } } }], /^n3 is on another timeline than n1$/],
  ['an agent cannot be reached from here', [{ status: { n3: null } }], /^healthy by what the store says; n3/],
  ['one is gone', [{}, { keys: { 'members/n3': null }, status: { n3: null } }], /^healthy, without n3$/],
  ['nobody is there', [{ keys: { 'members/n1': null, 'members/n2': null, 'members/n3': null } }], /^no member/],
])('the verdict when %s', async (_name, looks, sentence) => {
  const { scene } = await watched(looks);
  expect(verdictOf(scene).text).toMatch(sentence);
});
