/** Plain data as it would be written in this code base: single quotes, grouped digits. */
export function tsLiteral(value: unknown): string {
  if (typeof value === 'number') return grouped(value);
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(tsLiteral).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, field]) => `${name}: ${tsLiteral(field)}`);
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
  return String(value);
}

function grouped(value: number): string {
  const [whole = '', fraction] = String(value).split('.');
  const digits = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, '_') : whole;
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}
