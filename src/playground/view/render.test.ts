import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { healthyStory, ModelStory, primary, replica, whole } from '../../../test/support/playground-model.ts';
import { lsn } from '../../domain/lsn.ts';
import { textOf } from '../../terminal/line.ts';
import type { Size } from '../../terminal/size.ts';
import type { Model } from '../model/model.ts';
import { render } from './render.ts';
import type { Screen } from './screen.ts';

const screen: Screen = {
  page: 'cluster',
  chosen: null,
  connections: ['node1  postgresql://postgres:playground@127.0.0.1:40001/postgres', 'matriarch -c /tmp/p/cli.yml list'],
};
const down = { agent: 'gone', network: 'whole' } as const;

const starting = new ModelStory().at(300);
const healthy = healthyStory().at(10_000);

/** The primary was killed 3 s ago: its lease runs down, nobody writes, the others wait. */
const leaderless = healthyStory()
  .tell(10_010, {
    kind: 'did',
    action: 'kill-node',
    node: 'node1',
    text: 'killed node1: agent, guardian and PostgreSQL',
  })
  .isSilent(12_900, 'node1', down)
  .answers(12_900, 'node2', replica({ replication: null }))
  .answers(12_900, 'node3', replica({ replication: null, lsn: lsn(0x3025000n) }))
  .at(13_000);

/** Two seconds later another one has taken over, and lacks some writes; then a replica is cut off, in pause. */
const after = healthyStory()
  .tell(10_010, {
    kind: 'did',
    action: 'kill-node',
    node: 'node1',
    text: 'killed node1: agent, guardian and PostgreSQL',
  })
  .isSilent(12_900, 'node1', down)
  .said(15_100, 'node2', 'acquire-lock, by the rule campaign: peers=1')
  .said(15_200, 'node2', 'run promote, by the rule promote: how=race')
  .said(15_300, 'node3', 'reconfigure, by the rule change-upstream: from=127.0.0.1:40001 to=node2')
  .writes('node2', { from: 15_620, to: 18_000 })
  .tell(15_621, { kind: 'gap-ended', node: 'node2', ms: 5_620 })
  .tell(15_622, { kind: 'found-lost', node: 'node2', count: 3 })
  .tell(17_000, { kind: 'did', action: 'cut', node: 'node3', text: 'cut node3 off: nothing passes' })
  .tell(17_100, { kind: 'refused', action: 'switchover', text: 'no good candidates have been found' })
  .answers(17_900, 'node2', primary(19_500, { timeline: 2, isPaused: true }))
  .answers(17_900, 'node3', replica({ doing: { rule: 'store-lost-replica', action: 'wait', waitsFor: 'the store' } }), {
    ...whole,
    network: 'cut',
  })
  .at(18_000);

const models: readonly { readonly name: string; readonly model: Model; readonly screen: Screen }[] = [
  { name: 'starting', model: starting, screen },
  { name: 'healthy', model: healthy, screen },
  { name: 'leaderless', model: leaderless, screen: { ...screen, chosen: 'node3' } },
  { name: 'after', model: after, screen },
  { name: 'help', model: healthy, screen: { ...screen, page: 'help' } },
];
const sizes: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];

/** As it is to be read: a frame, and beside each line the styles in it that mean something. */
function picture(model: Model, shown: Screen, size: Size): string {
  const lines = render(model, shown, size).map((line) => {
    const styles = line.filter(({ style }) => style !== 'plain' && style !== 'dim').map(({ style }) => style);
    return `${textOf(line).padEnd(size.columns)}| ${styles.join(' ')}`.trimEnd();
  });
  return `${lines.join('\n')}\n`;
}

test.for(
  models.flatMap((each) =>
    sizes.map((size) => ({ ...each, size, title: `${each.name} at ${size.columns}x${size.rows}` })),
  ),
)('the view: $title', async ({ name, model, screen: shown, size }) => {
  const file = join(import.meta.dirname, 'golden', `${name}-${size.columns}x${size.rows}.txt`);
  await expect(picture(model, shown, size)).toMatchFileSnapshot(file);
});

test('whatever the size, there are exactly as many lines as rows, and none is longer than the columns', () => {
  const size = fc.record({ columns: fc.integer({ min: 1, max: 200 }), rows: fc.integer({ min: 1, max: 60 }) });
  fc.assert(
    fc.property(fc.constantFrom(...models), size, ({ model, screen: shown }, each) => {
      const lines = render(model, shown, each).map(textOf);
      expect(lines).toHaveLength(each.rows);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(each.columns);
    }),
  );
});

test('a log line with control characters or wide ones does not break the screen', () => {
  const model = healthyStory().said(9_950, 'node2', 'odd \x1b[2J\n\t 漢字 é').at(10_000);
  const lines = render(model, screen, { columns: 80, rows: 24 }).map(textOf);
  expect(lines.join('')).toMatch(/^[ -~]*$/);
  expect(lines.some((line) => line.includes('odd ?[2J?? ?? ?'))).toBe(true);
});
