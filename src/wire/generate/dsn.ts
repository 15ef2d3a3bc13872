/**
 * A connection string as libpq reads it, by keyword: `host=a user=b password='c d'`, or
 * `postgres://b:c@a:5432/db?sslmode=require`. Without a text nothing is said.
 * @returns `null`: it is neither.
 */
export function parseDsn(text: string): ReadonlyMap<string, string> | null {
  return /^postgres(ql)?:\/\//.test(text) ? parseUri(text) : parseKeywords(text);
}

function parseUri(text: string): ReadonlyMap<string, string> | null {
  const parts = /^postgres(?:ql)?:\/\/(?:([^@/]*)@)?(\[[^\]]*\]|[^:/?]*)(?::(\d+))?(?:\/([^?]*))?(?:\?(.*))?$/.exec(
    text,
  );
  if (parts === null) return null;
  const [, login = '', host = '', port = '', database = '', query = ''] = parts;
  const [user = '', ...password] = login.split(':');
  const found: (readonly [string, string])[] = [
    ['host', host.replace(/^\[|\]$/g, '')],
    ['port', port],
    ['user', user],
    ['password', password.join(':')],
    ['dbname', database],
  ];
  const more = query.split('&').map((each) => [each.split('=')[0] ?? '', each.split('=').slice(1).join('=')] as const);
  try {
    const all = [...found, ...more].map(([key, value]) => [key, decodeURIComponent(value)] as const);
    return new Map(all.filter(([key, value]) => key !== '' && value !== ''));
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}

/** Blanks around `=` are allowed; a value is one word, or in single quotes with `\` before what is meant as it is. */
function parseKeywords(text: string): ReadonlyMap<string, string> | null {
  const found = new Map<string, string>();
  const pair = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/gsy;
  let end = 0;
  for (let match = pair.exec(text); match !== null; match = pair.exec(text)) {
    found.set(match[1] ?? '', (match[2] ?? match[3] ?? '').replaceAll(/\\(.)/gs, '$1'));
    end = pair.lastIndex;
  }
  return text.slice(end).trim() === '' ? found : null;
}
