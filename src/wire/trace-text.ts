/** Nothing is decided by them, and a trace is handed around. */
const secrets: ReadonlySet<string> = new Set(['password', 'keyPassword', 'sslpassword']);

/**
 * One line of a trace as JSON; what JSON cannot say (bigint, Map, Set, infinity) is tagged, so that nothing is lost on
 * the way but passwords.
 */
export function encodeTrace(line: unknown): string {
  return JSON.stringify(line, (key, value: unknown) => {
    if (secrets.has(key) && typeof value === 'string') return '***';
    if (typeof value === 'bigint') return { $bigint: String(value) };
    if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) };
    if (value instanceof Map) return { $map: [...value] };
    if (value instanceof Set) return { $set: [...value] };
    return value;
  });
}

/** @throws SyntaxError when the text is no JSON; the shape itself is trusted: we wrote it. */
export function decodeTrace(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('$bigint' in value && typeof value.$bigint === 'string') return BigInt(value.$bigint);
    if ('$number' in value && typeof value.$number === 'string') return Number(value.$number);
    if ('$map' in value && Array.isArray(value.$map)) return new Map(value.$map.filter(isPair));
    if ('$set' in value && Array.isArray(value.$set)) return new Set<unknown>(value.$set);
    return value;
  });
}

function isPair(value: unknown): value is readonly [unknown, unknown] {
  return Array.isArray(value) && value.length === 2;
}
