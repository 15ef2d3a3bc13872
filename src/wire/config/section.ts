import type { Json, JsonObject } from '../../domain/json.ts';
import { isJsonList, isJsonObject } from '../../domain/json.ts';
import { isTruthy } from '../../domain/tags.ts';
import { textForm } from '../../domain/text-form.ts';

/** What is wrong with an option, and what to do about it. */
export type OptionProblem = { readonly path: readonly string[]; readonly message: string };

/** One map of the configuration, where it is, and where to say what is wrong in it. */
export type Section = {
  readonly path: readonly string[];
  readonly values: JsonObject;
  readonly findings: Findings;
};

/** What reading a configuration turns up besides its values. */
export type Findings = {
  /** Keeps the agent from starting. */
  readonly problems: OptionProblem[];
  /** Accepted, and not as effective as it looks: said once at start. */
  readonly notices: string[];
};

export function problem(section: Section, key: string, message: string): void {
  section.findings.problems.push({ path: [...section.path, key], message });
}

export function notice(section: Section, key: string, sentence: string): void {
  section.findings.notices.push(`${[...section.path, key].join('.')}: ${sentence}`);
}

/**
 * The map under `key`; empty when there is none, and when what a template without entries leaves stands there (`[]`, `""`,
 * `off`). Anything else but a map is a problem.
 */
export function subsection(section: Section, key: string): Section {
  const value = section.values[key];
  if (isTruthy(value) && !isJsonObject(value)) {
    problem(section, key, 'must be a section of options (a map), not a single value or a list');
  }
  return { ...section, path: [...section.path, key], values: isJsonObject(value) ? value : {} };
}

export function hasSection(section: Section, key: string): boolean {
  return isJsonObject(section.values[key]);
}

/** A text; a number or boolean becomes the text that Patroni makes of it. `null`: absent or empty. */
export function text(section: Section, key: string): string | null {
  const value = section.values[key];
  if (value === undefined || value === null || value === '') return null;
  if (isJsonList(value) || isJsonObject(value)) {
    problem(section, key, 'must be a single value, not a list or a map');
    return null;
  }
  return textForm(value);
}

/** A text that has to be there. @returns empty text after reporting that it is not. */
export function requiredText(section: Section, key: string, advice: string): string {
  const value = section.values[key];
  if (value === undefined || value === null || value === '') {
    problem(section, key, `is missing: ${advice}`);
    return '';
  }
  return text(section, key) ?? '';
}

/** As Patroni reads most switches: whatever is not empty, zero or false is true, the text `"off"` too. */
export function flag(section: Section, key: string): boolean {
  return isTruthy(section.values[key]);
}

/** The texts of a list; a single text counts as a list of one. Anything else in it is a problem. */
export function texts(section: Section, key: string): readonly string[] {
  const value = section.values[key];
  if (value === undefined || value === null || value === '') return [];
  const items: readonly Json[] = isJsonList(value) ? value : [value];
  if (!items.every((item) => typeof item === 'string')) {
    problem(section, key, 'must be a list of texts');
    return [];
  }
  return items;
}
