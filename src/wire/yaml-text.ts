import {
  type CreateNodeOptions,
  type DocumentOptions,
  type ScalarTag,
  type SchemaOptions,
  stringify,
  type ToStringOptions,
} from 'yaml';
import type { Json } from '../domain/json.ts';
import { textForm } from '../domain/text-form.ts';
import { asPyYaml } from './as-pyyaml.ts';
import { yamlScalars } from './config/yaml-scalars.ts';

/**
 * YAML as Patroni's tools print it: version 1.1, keys sorted, dashes not indented under their key, folded at 200 columns.
 * A text that a 1.1 parser would read as something else is quoted. Ends with a line break (spec/ctl.md 6.3).
 */
export function renderYaml(json: Json): string {
  return asPyYaml(stringify(json, common));
}

/** The same on one line: `{clonefrom: true, zone: a}`. */
export function renderYamlFlow(json: Json): string {
  return stringify(json, flow).trimEnd();
}

/** How our values become plain scalars. */
const rendered: readonly ScalarTag[] = [
  tag(
    'null',
    (value) => value === null,
    () => 'null',
  ),
  tag(
    'bool',
    (value) => typeof value === 'boolean',
    (value) => (value === true ? 'true' : 'false'),
  ),
  tag('int', (value) => typeof value === 'bigint' || Number.isInteger(value), String),
  tag(
    'float',
    (value) => typeof value === 'number',
    (value) => (typeof value === 'number' ? textForm(value) : ''),
  ),
];

/** What makes a text need quotes beyond what our own reader would misread: other readers see dates and merge keys. */
const misread: readonly ScalarTag[] = [
  quoting('timestamp', /^\d{4}-\d\d-\d\d$/),
  quoting(
    'timestamp',
    /^\d{4}-\d\d?-\d\d?(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?$/,
  ),
  quoting('float', /^[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*$/),
  quoting('float', /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/),
  quoting('merge', /^<<$/),
  quoting('document', /^(?:---|\.\.\.)/),
];

const common: DocumentOptions & SchemaOptions & CreateNodeOptions & ToStringOptions = {
  version: '1.1',
  schema: 'failsafe',
  customTags: [...rendered, ...yamlScalars, ...misread],
  resolveKnownTags: false,
  sortMapEntries: true,
  indentSeq: false,
  // Folded afterwards, where PyYAML does it.
  lineWidth: 0,
  singleQuote: true,
  // A text with line breaks in it is quoted, not a block.
  blockQuote: false,
  aliasDuplicateObjects: false,
};

const flow: typeof common = {
  ...common,
  collectionStyle: 'flow',
  flowCollectionPadding: false,
  // `a:b` would be plain in a block and is a pair to some readers here.
  customTags: [...rendered, ...yamlScalars, ...misread, quoting('pair', /:/)],
};

function tag(name: string, identify: (value: unknown) => boolean, render: (value: unknown) => string): ScalarTag {
  return {
    tag: `tag:yaml.org,2002:${name}`,
    default: true,
    identify,
    resolve: (text) => text,
    stringify: ({ value }) => render(value),
  };
}

function quoting(name: string, test: RegExp): ScalarTag {
  return { tag: `tag:yaml.org,2002:${name}`, default: true, test, resolve: (text) => text };
}
