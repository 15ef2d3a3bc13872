import type { ScalarTag } from 'yaml';

/**
 * Plain scalars of YAML 1.1 as Patroni's parser (PyYAML's safe loader) resolves them, in its order. It differs from the
 * standard and from the `yaml` package's own 1.1 schema: `y` and `n` are texts, a float needs a dot, `08` is a text.
 * Dates, infinities and NaN stay the texts that they are: no option is one, and JSON has no place for them.
 * @see spec/config.md 1.2
 */
export const yamlScalars: readonly ScalarTag[] = [
  scalar('null', /^(?:~|null|Null|NULL|)$/, () => null),
  scalar('bool', /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/, () => true),
  scalar('bool', /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/, () => false),
  scalar('int', /^[-+]?0b[01_]+$/, (text) => signed(text, (digits) => BigInt(digits))),
  scalar('int', /^[-+]?0x[0-9a-fA-F_]+$/, (text) => signed(text, (digits) => BigInt(digits))),
  scalar('int', /^[-+]?0[0-7_]+$/, (text) => signed(text, (digits) => BigInt(`0o${digits}`))),
  scalar('int', /^[-+]?(?:0|[1-9][0-9_]*)$/, (text) => signed(text, (digits) => BigInt(digits))),
  scalar('int', /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/, (text) => signed(text, sexagesimal)),
  scalar('float', /^[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?$/, real),
  scalar('float', /^\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?$/, real),
  scalar('float', /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/, sexagesimalReal),
  scalar('value', /^=$/, () => {
    throw new Error('a lone "=" has no meaning: put it in quotes');
  }),
];

function scalar(name: string, test: RegExp, resolve: (text: string) => unknown): ScalarTag {
  return { tag: `tag:yaml.org,2002:${name}`, default: true, test, resolve };
}

/** An integer with every digit; a `number` when that holds it. */
function signed(text: string, magnitude: (digits: string) => bigint): number | bigint {
  const size = magnitude(text.replace(/^[-+]/, '').replaceAll('_', ''));
  const value = text.startsWith('-') ? -size : size;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function sexagesimal(digits: string): bigint {
  return digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n);
}

function sexagesimalReal(text: string): number {
  const [whole = '', fraction = ''] = text.replaceAll('_', '').split('.');
  const size = Number(sexagesimal(whole.replace(/^[-+]/, ''))) + Number(`0.${fraction}0`);
  return text.startsWith('-') ? -size : size;
}

function real(text: string): number {
  return Number(text.replaceAll('_', ''));
}
