/**
 * The parameters of a query string. A repeated name counts with its first value, an empty value as absent, `+` is a
 * blank; what is wrongly escaped stays as it is (spec/rest-api.md 3).
 */
export function parseQuery(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of text.split('&')) {
    const middle = part.indexOf('=');
    if (middle <= 0 || middle === part.length - 1) continue;
    const name = unescaped(part.slice(0, middle));
    if (!parameters.has(name)) parameters.set(name, unescaped(part.slice(middle + 1)));
  }
  return parameters;
}

function unescaped(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch (error) {
    if (error instanceof URIError) return spaced;
    throw error;
  }
}
