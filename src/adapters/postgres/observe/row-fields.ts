import { type Lsn, parseLsn } from '../../../domain/lsn.ts';

/** A row as the server sent it, or an object of a JSON column in one. */
export type Row = Readonly<Record<string, unknown>>;

/** @throws Like every reader here, when the field is not what the query selects: a defect, not an answer. */
export function textOf(row: Row, field: string): string {
  const value = row[field];
  return typeof value === 'string' ? value : fail(field, 'a text', value);
}

export function textOrNull(row: Row, field: string): string | null {
  return row[field] === null ? null : textOf(row, field);
}

/** One of `words`; the error lists them. */
export function wordOf<const Word extends string>(row: Row, field: string, words: readonly Word[]): Word {
  const value = row[field];
  return words.find((word) => word === value) ?? fail(field, `one of ${words.join(', ')}`, value);
}

/** A boolean column: outside JSON the server writes `t` or `f`. */
export function flagOf(row: Row, field: string): boolean {
  return wordOf(row, field, ['t', 'f']) === 't';
}

export function booleanOf(row: Row, field: string): boolean {
  const value = row[field];
  return typeof value === 'boolean' ? value : fail(field, 'a boolean', value);
}

export function numberOf(row: Row, field: string): number {
  const value = row[field];
  return typeof value === 'number' ? value : fail(field, 'a number', value);
}

export function numberOrNull(row: Row, field: string): number | null {
  return row[field] === null ? null : numberOf(row, field);
}

/** A whole number in decimal text. */
export function integerIn(row: Row, field: string): number {
  const text = textOf(row, field);
  return /^\d{1,15}$/.test(text) ? Number(text) : fail(field, 'a whole number', text);
}

export function lsnOrNull(row: Row, field: string): Lsn | null {
  const text = textOrNull(row, field);
  return text === null ? null : (parseLsn(text) ?? fail(field, 'a WAL position', text));
}

/** A column of type json that holds one object. */
export function objectOrNull(row: Row, field: string): Row | null {
  const text = textOrNull(row, field);
  return text === null ? null : rowOf(JSON.parse(text), field);
}

/** A column of type json that holds a list of objects. */
export function listOf(row: Row, field: string): readonly Row[] {
  const list: unknown = JSON.parse(textOf(row, field));
  return Array.isArray(list) ? list.map((each) => rowOf(each, field)) : fail(field, 'a list', list);
}

/** @param name what `value` is, for the error */
export function rowOf(value: unknown, name: string): Row {
  return isRow(value) ? value : fail(name, 'an object', value);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fail(field: string, wanted: string, value: unknown): never {
  const found = value === undefined ? 'missing' : JSON.stringify(value);
  throw new Error(`${field} is not ${wanted}: ${found}`);
}
