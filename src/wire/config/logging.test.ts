import { expect, test } from 'vitest';
import type { LogConfig } from '../../domain/agent-config.ts';
import { isJsonObject } from '../../domain/json.ts';
import { readLog } from './logging.ts';
import type { Section } from './section.ts';
import { parseYaml } from './yaml.ts';

function read(text: string) {
  const parsed = parseYaml(text);
  const log = parsed.kind === 'parsed' ? parsed.value : null;
  const root: Section = {
    path: [],
    values: isJsonObject(log) ? { log } : {},
    findings: { problems: [], notices: [] },
  };
  return { config: readLog(root), ...root.findings };
}

const usual: LogConfig = { level: 'info', format: 'plain' };

test.for<[options: string, config: Partial<LogConfig>]>([
  ['{}', {}],
  ['{level: 10}', { level: 'debug' }],
  ['{level: Critical, type: json}', { level: 'error', format: 'json' }],
  ['{format: "%(message)s", dateformat: "%H"}', { template: '%(message)s', dateFormat: '%H' }],
  [
    '{type: json, format: "%(asctime)s %(message)s"}',
    {
      format: 'json',
      fields: [
        { field: 'asctime', name: 'asctime' },
        { field: 'message', name: 'message' },
      ],
    },
  ],
  [
    '{type: json, format: [message, {levelname: level}], static_fields: {app: x}}',
    {
      format: 'json',
      fields: [
        { field: 'message', name: 'message' },
        { field: 'levelname', name: 'level' },
      ],
      staticFields: { app: 'x' },
    },
  ],
  [
    '{dir: /var/log/patroni, mode: 0640, file_num: 2, file_size: 1000}',
    { file: { folder: '/var/log/patroni', mode: 0o640, kept: 2, bytesMax: 1000 } },
  ],
  ['{dir: /x}', { file: { folder: '/x', mode: null, kept: 4, bytesMax: 25_000_000 } }],
  ['{mode: 0640, deduplicate_heartbeat_logs: true, traceback_level: ERROR}', {}],
  ['{traceback_level: debug, max_queue_size: 5}', { tracebacks: 'debug', queueMax: 5 }],
  ['{loggers: {decision: DEBUG}}', { levels: { decision: 'debug' } }],
])('the log section %s', ([options, config]) => {
  expect(read(options)).toEqual({ config: { ...usual, ...config }, problems: [], notices: [] });
});

test.for([
  ['{format: [message]}', 'log.format: '],
  ['{type: json, format: [5, message]}', 'log.format: 5 '],
  ['{dateformat: 5}', 'log.dateformat: '],
  ['{dir: /x, mode: 8888}', 'log.mode: '],
  ['{max_queue_size: none}', 'log.max_queue_size: none '],
  ['{loggers: {decision: loud}}', 'log.loggers.decision: loud '],
  ['{loggers: {patroni.postmaster: DEBUG}}', 'log.loggers.patroni.postmaster: '],
])('%s is said, and what is usual holds', ([options = '', start = '']) => {
  const { notices, problems } = read(options);
  expect(problems).toEqual([]);
  expect(notices).toHaveLength(1);
  expect(notices[0]?.startsWith(start)).toBe(true);
});
