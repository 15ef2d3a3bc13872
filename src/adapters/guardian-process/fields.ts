export type Fields = Readonly<Record<string, unknown>>;

/** What a line holds; nothing, where it is no object. */
export function objectIn(line: string): Fields {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

export function numberIn(fields: Fields, name: string): number | null {
  const value = fields[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
