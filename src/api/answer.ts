import type { IncomingMessage } from 'node:http';
import { accessRefusal } from './access.ts';
import type { ApiOptions } from './api-options.ts';
import { bodyOf, headRefusal, parseCommand, replyFrom } from './commands.ts';
import { documentReply, healthReply } from './documents.ts';
import { readBody } from './read-body.ts';
import type { Reply } from './reply.ts';
import { type CommandName, routeOf, splitTarget } from './route.ts';
import type { Settings } from './settings.ts';
import type { StatusPage } from './status-page.ts';

export type Answering = {
  readonly options: ApiOptions;
  /** What is in force now. */
  readonly settings: Settings;
  readonly page: (
    snapshot: ReturnType<ApiOptions['snapshot']>,
    now: ReturnType<ApiOptions['clock']['now']>,
  ) => StatusPage;
};

/** What one request is answered. At once, from memory, for all that only reads; so nothing slow is in the way of it. */
export function answer(request: IncomingMessage, answering: Answering): Reply | Promise<Reply> {
  const { options } = answering;
  const { method = '' } = request;
  const { path, query } = splitTarget(request.url ?? '/');
  const route = routeOf(method, path);
  switch (route.kind) {
    case 'health':
      return healthReply(route.path, method === 'GET' ? 'with-document' : 'status-only', asked(query, answering));
    case 'document':
      return documentReply(route.document, asked(query, answering), options);
    case 'command':
      return obey(request, route.command, answering);
    case 'question':
      return options.request({ kind: route.question }).then((told) => replyFrom(route.question, told));
    case 'unsupported':
      return unsupported(method);
  }
}

function asked(query: string, { options, page }: Answering): Parameters<typeof healthReply>[2] {
  const snapshot = options.snapshot();
  const now = options.clock.now();
  return { snapshot, now, query, page: page(snapshot, now) };
}

/** Who sent it, what its head says, what its body says: whatever is wrong answers, and the agent never hears of it. */
async function obey(
  request: IncomingMessage,
  command: CommandName,
  { options, settings, page }: Answering,
): Promise<Reply> {
  const { view } = page(options.snapshot(), options.clock.now()).facts ?? { view: null };
  const refusal =
    (await accessRefusal(request, command, { ...settings, view, lookUp: options.lookUp })) ??
    headRefusal(command, request.headers, options.snapshot());
  if (refusal !== null) return refusal;
  const body = bodyOf(command) === 'ignored' ? noBody : await readBody(request);
  switch (body.kind) {
    case 'gone':
      return { kind: 'drop' };
    case 'too-large':
      return { kind: 'page', status: 413, text: 'the body is too large' };
    case 'not-utf-8':
      return { kind: 'page', status: 400, text: 'the body is not UTF-8' };
    case 'text': {
      const parsed = parseCommand(command, body.text, { snapshot: options.snapshot(), now: options.clock.wallNow() });
      if (parsed.kind === 'answered') return parsed.reply;
      return replyFrom(command, await options.request(parsed.request));
    }
  }
}

const noBody = { kind: 'text', text: '' } as const;

/** The phrase is what an old client looks for. */
function unsupported(method: string): Reply {
  const reason = `Unsupported method ('${method}')`;
  return { kind: 'page', status: 501, reason, text: `${reason}. Server does not support this operation` };
}
