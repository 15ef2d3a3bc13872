import { isJsonObject, type JsonObject } from '../domain/json.ts';
import type { NodeSnapshot } from '../domain/node-snapshot.ts';
import type { AgentRequest, RequestAnswer } from '../domain/requests.ts';
import { truth } from '../domain/tags.ts';
import type { WallTime } from '../domain/time.ts';
import { parseJson } from '../wire/json.ts';
import { readFailsafeCall } from '../wire/rest/failsafe-call.ts';
import { parseHandover } from '../wire/rest/handover-request.ts';
import { parseRestart } from '../wire/rest/restart-request.ts';
import { renderSpacedJson } from '../wire/rest/spaced-json.ts';
import { successionDocument } from '../wire/rest/succession-document.ts';
import type { Reply } from './reply.ts';
import type { CommandName } from './route.ts';

export type ParsedCommand =
  | { readonly kind: 'request'; readonly request: AgentRequest }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** What an unsafe request asks the agent to do, or why its body asks for nothing (spec/rest-api.md 16). */
export function parseCommand(
  command: CommandName,
  body: string,
  context: { readonly snapshot: NodeSnapshot | null; readonly now: WallTime },
): ParsedCommand {
  if (command === 'reload' || command === 'cancel-switchover' || command === 'cancel-restart')
    return { kind: 'request', request: { kind: command } };
  if (command === 'failsafe') return parseFailsafe(body, context.snapshot);
  const isPaused = context.snapshot?.observation.dynamic.pause ?? false;
  if (command === 'restart' || command === 'reinitialize') return parseOrder(command, body, { ...context, isPaused });
  const fields = fieldsOf(body);
  if (fields === null)
    return refused({ kind: 'page', status: 400, text: 'the body has to be a JSON object with fields' });
  if (command === 'patch-config') return { kind: 'request', request: { kind: 'patch-config', patch: fields } };
  const parsed = parseHandover(fields, { endpoint: command, isPaused, now: context.now });
  if (parsed.kind === 'request') return parsed;
  return refused({ kind: 'text', status: parsed.status, text: parsed.text });
}

/** Does this command mean nothing without a body? Such a request has to say how long its body is. */
export function needsBody(command: CommandName): boolean {
  return command === 'switchover' || command === 'failover' || command === 'patch-config' || command === 'failsafe';
}

/** The agent's answer as it goes out. */
export function replyFrom(answer: RequestAnswer): Reply {
  switch (answer.kind) {
    case 'text':
      return { kind: 'text', status: answer.status, text: answer.text };
    case 'json':
      return { kind: 'json', status: answer.status, body: renderSpacedJson(answer.body) };
    case 'succession':
      return { kind: 'json', status: 200, body: renderSpacedJson(successionDocument(answer.succession)) };
    case 'promised': {
      const headers = answer.lsn === null ? {} : { lsn: String(answer.lsn) };
      return { kind: 'text', status: 200, text: 'Accepted', headers };
    }
    case 'drop':
      return { kind: 'drop' };
  }
}

/** The body may be missing; one that is no JSON object is refused, and nothing is done. */
function parseOrder(
  command: 'restart' | 'reinitialize',
  body: string,
  context: { readonly isPaused: boolean; readonly now: WallTime },
): ParsedCommand {
  const parsed = parseJson(body.trim() === '' ? '{}' : body);
  if (parsed.kind === 'invalid' || !isJsonObject(parsed.json))
    return refused({ kind: 'page', status: 400, text: 'the body has to be a JSON object' });
  const fields = parsed.json;
  if (command === 'reinitialize')
    return {
      kind: 'request',
      request: {
        kind: 'reinitialize',
        force: truth(fields['force']) === true,
        fromLeader: truth(fields['from_leader']) === true,
      },
    };
  const restart = parseRestart(fields, context);
  return restart.kind === 'request' ? restart : refused({ kind: 'text', status: restart.status, text: restart.text });
}

/** With the mode off its body is not even read (spec/rest-api.md 14). */
function parseFailsafe(body: string, snapshot: NodeSnapshot | null): ParsedCommand {
  if (snapshot?.observation.dynamic.failsafeMode !== true)
    return refused({ kind: 'page', status: 502, text: 'failsafe mode is off' });
  const call = readFailsafeCall(body);
  return call === null
    ? refused({ kind: 'page', status: 400, text: 'the body has to be a JSON object with name, conn_url and api_url' })
    : { kind: 'request', request: { kind: 'failsafe', call } };
}

/** @returns `null` for whatever is not an object with at least one field. */
function fieldsOf(body: string): JsonObject | null {
  const parsed = parseJson(body);
  if (parsed.kind === 'invalid' || !isJsonObject(parsed.json)) return null;
  return Object.keys(parsed.json).length > 0 ? parsed.json : null;
}

function refused(reply: Reply): ParsedCommand {
  return { kind: 'refused', reply };
}
