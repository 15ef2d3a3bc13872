/** One metric, in the words of Prometheus' text format. */
export type Family = {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  /** One more comment line after the help. */
  readonly note?: string;
  readonly samples: readonly Sample[];
};

export type Sample = {
  /** After the family's name: `_bucket`, `_sum`, `_count` of a histogram. */
  readonly suffix?: string;
  readonly labels?: Labels;
  readonly value: string;
};

export type Labels = Readonly<Record<string, string>>;

/**
 * Metrics as Prometheus scrapes them (its text format, version 0.0.4): each with its help and type once, and every sample with
 * the labels in `everywhere` first. A family without samples is left out.
 */
export function renderFamilies(families: readonly Family[], everywhere: Labels): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .flatMap((family) => [
      `# HELP ${family.name} ${family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
      ...(family.note === undefined ? [] : [`# ${family.note}`]),
      `# TYPE ${family.name} ${family.type}`,
      ...family.samples.map((sample) => sampleLine(family.name, sample, everywhere)),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

function sampleLine(name: string, { suffix = '', labels = {}, value }: Sample, everywhere: Labels): string {
  const all = Object.entries({ ...everywhere, ...labels }).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${suffix}{${all.join(',')}} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
