/** What a request asks for; decided by method and path alone. */
export type Route =
  | { readonly kind: 'health'; readonly path: string }
  | { readonly kind: 'document'; readonly document: DocumentName }
  | { readonly kind: 'command'; readonly command: CommandName }
  /** Changes nothing, and the agent machine answers it, which may ask others first. */
  | { readonly kind: 'question'; readonly question: 'succession' }
  | { readonly kind: 'unsupported' };

export type DocumentName = (typeof documents)[number];
export type CommandName = (typeof commands)[keyof typeof commands];

/**
 * The first segment of the path decides where there is something of that name, whatever follows it. All else that only
 * reads is a health check of the whole path, so an unknown path is "not healthy", never "not found"
 * (spec/rest-api.md 3).
 */
export function routeOf(method: string, path: string): Route {
  const segment = path.split('/')[1] ?? '';
  if (method === 'GET') {
    if (path === '/matriarch/succession') return { kind: 'question', question: 'succession' };
    const document = documents.find((name) => name === segment);
    return document === undefined ? { kind: 'health', path } : { kind: 'document', document };
  }
  // These two never reach a document: HEAD /liveness is a health check of an unknown path.
  if (method === 'HEAD' || method === 'OPTIONS') return { kind: 'health', path };
  const call = `${method} ${segment}`;
  return isCommand(call) ? { kind: 'command', command: commands[call] } : { kind: 'unsupported' };
}

/** Read with GET, each under its own name. */
export const documents = [
  'patroni',
  'cluster',
  'history',
  'config',
  'metrics',
  'liveness',
  'readiness',
  'failsafe',
  'decision',
  'events',
  'openapi.json',
] as const;

/** What changes something, or may. */
export const commands = {
  'POST switchover': 'switchover',
  'POST failover': 'failover',
  'DELETE switchover': 'cancel-switchover',
  'POST restart': 'restart',
  'DELETE restart': 'cancel-restart',
  'POST reinitialize': 'reinitialize',
  'PATCH config': 'patch-config',
  'PUT config': 'put-config',
  'POST reload': 'reload',
  'POST failsafe': 'failsafe',
  'POST sigterm': 'sigterm',
  'POST citus': 'citus',
  'POST mpp': 'citus',
} as const;

function isCommand(call: string): call is keyof typeof commands {
  return Object.hasOwn(commands, call);
}

/**
 * Path and query of a request target. Scheme and host of the absolute form, parameters (`;…`) and fragment are dropped,
 * leading slashes become one, escapes in the path stay as they are (spec/rest-api.md 2.1).
 */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const [withoutFragment = ''] = target.split('#', 1);
  const questionMark = withoutFragment.indexOf('?');
  const before = questionMark < 0 ? withoutFragment : withoutFragment.slice(0, questionMark);
  const path = before.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '').replace(/^\/*/, '/');
  return { path: withoutParameters(path), query: questionMark < 0 ? '' : withoutFragment.slice(questionMark + 1) };
}

/** Those of the last segment. Not by a pattern that looks for the end from each `;`: whoever may read may send thousands. */
function withoutParameters(path: string): string {
  const semicolon = path.indexOf(';', path.lastIndexOf('/'));
  return semicolon < 0 ? path : path.slice(0, semicolon);
}
