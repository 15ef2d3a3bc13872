import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import { renderYaml } from '../yaml-text.ts';

/**
 * A generated configuration as a file: sections in the order in which people read them, their keys sorted. Ends without a
 * line break.
 * @see spec/config.md 12.1
 */
export function renderConfiguration(document: JsonObject): string {
  return SECTIONS.filter((key) => document[key] !== undefined)
    .map((key) => (key === 'bootstrap' ? bootstrap(document) : section(document, key)))
    .join('')
    .replace(/\n+$/, '');
}

const SECTIONS = [
  ...['scope', 'namespace', 'name', 'log', 'restapi', 'ctl', 'citus'],
  ...['consul', 'etcd', 'etcd3', 'exhibitor', 'kubernetes', 'raft', 'zookeeper'],
  ...['bootstrap', 'postgresql', 'watchdog', 'tags'],
];

function section(document: JsonObject, key: string): string {
  const value = document[key] ?? null;
  return `${isJsonObject(value) ? '\n' : ''}${renderYaml({ [key]: value })}`;
}

const ABOUT_BOOTSTRAP = [
  '# Counts once: when this member creates the cluster. Later changes here change nothing.',
  'bootstrap:',
  '  # The first content of the key "config" in the store, which all members share from then on.',
  '  # To change it later use: patronictl edit-config',
];

/** Timings first: they are what people look for. Nothing else of the section is worth generating. */
function bootstrap(document: JsonObject): string {
  const whole = document['bootstrap'];
  const dcs = isJsonObject(whole) ? whole['dcs'] : undefined;
  if (!isJsonObject(dcs)) return '';
  const first = Object.fromEntries(TIMINGS.flatMap((key) => (dcs[key] === undefined ? [] : [[key, dcs[key]]])));
  const rest = Object.fromEntries(Object.entries(dcs).filter(([key]) => !TIMINGS.includes(key)));
  const parts = [first, rest].filter((part) => Object.keys(part).length > 0).map((part) => indented(renderYaml(part)));
  return `\n${[...ABOUT_BOOTSTRAP, '  dcs:'].join('\n')}\n${parts.join('')}`;
}

const TIMINGS = ['loop_wait', 'retry_timeout', 'ttl'];

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '    ');
}
