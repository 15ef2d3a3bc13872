import { expect, test } from 'vitest';
import { ownLogOf } from './own-log.ts';

test.each([
  ['without a collector', {}, 'its own lines, above,'],
  ['with one that is off', { logging_collector: 'off', log_directory: '/var/log/pg' }, 'its own lines, above,'],
  ['with a collector', { logging_collector: 'on' }, 'its own lines, above, or in /data/log'],
  [
    'with a folder beside the data',
    { logging_collector: 'true', log_directory: '../log' },
    'its own lines, above, or in /log',
  ],
  [
    'with a folder of its own',
    { logging_collector: 'yes', log_directory: '/var/log/pg' },
    'its own lines, above, or in /var/log/pg',
  ],
])('a server %s says why it ended', (_name, parameters, place) => {
  expect(ownLogOf({ parameters }, '/data')).toBe(place);
});
