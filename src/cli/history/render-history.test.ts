import { expect, test } from 'vitest';
import { clusterView } from '../../../test/support/node-snapshot.ts';
import type { Json } from '../../domain/json.ts';
import { renderHistory } from './render-history.ts';

const lines = [
  [1, 25_623_960, 'no recovery target specified'],
  [2, 83_886_176, 'no recovery target specified', '2031-05-04T10:00:00+00:00', 'n2'],
];
const of = (history: Json | null) => clusterView({ history }).history;

test('a table with figures to the right', () => {
  expect(renderHistory(of(lines), 'pretty')).toBe(
    [
      '+----+----------+------------------------------+---------------------------+------------+',
      '| TL |      LSN | Reason                       | Timestamp                 | New Leader |',
      '+----+----------+------------------------------+---------------------------+------------+',
      '|  1 | 25623960 | no recovery target specified |                           |            |',
      '|  2 | 83886176 | no recovery target specified | 2031-05-04T10:00:00+00:00 | n2         |',
      '+----+----------+------------------------------+---------------------------+------------+',
      '',
    ].join('\n'),
  );
});

test('CTL-74: what is not known is an empty text, also for programs', () => {
  expect(renderHistory(of(lines), 'json')).toBe(
    '[{"TL": 1, "LSN": 25623960, "Reason": "no recovery target specified", "Timestamp": "", "New Leader": ""}, ' +
      '{"TL": 2, "LSN": 83886176, "Reason": "no recovery target specified", ' +
      '"Timestamp": "2031-05-04T10:00:00+00:00", "New Leader": "n2"}]\n',
  );
  expect(renderHistory(of(lines), 'tsv').split('\n')[1]).toBe('1\t25623960\tno recovery target specified\t\t');
  expect(renderHistory(of(lines), 'yml')).toContain("\n  TL: 1\n  Timestamp: ''\n");
});

test('nothing stored is an empty table', () => {
  expect(renderHistory(of(null), 'pretty').split('\n')).toHaveLength(5);
  expect(renderHistory(of(null), 'json')).toBe('[]\n');
  expect(renderHistory(of(null), 'yaml')).toBe('[]\n\n');
});
