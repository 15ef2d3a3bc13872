/** How `list` prints: `yml` is `yaml` (spec/ctl.md 6). */
export const listFormats = ['pretty', 'tsv', 'json', 'yaml', 'yml'] as const;
export type ListFormat = (typeof listFormats)[number];
