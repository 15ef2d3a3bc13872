import type { IncomingHttpHeaders } from 'node:http';
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
import { limits } from './limits.ts';
import type { Reply } from './reply.ts';
import type { CommandName } from './route.ts';

export type ParsedCommand =
  | { readonly kind: 'request'; readonly request: AgentRequest }
  /** Refused, or there is nothing to do. */
  | { readonly kind: 'answered'; readonly reply: Reply };

/** What an unsafe request asks the agent to do, or why its body asks for nothing (spec/rest-api.md 16). */
export function parseCommand(command: CommandName, body: string, context: Context): ParsedCommand {
  switch (command) {
    case 'reload':
    case 'cancel-switchover':
    case 'cancel-restart':
      return { kind: 'request', request: { kind: command } };
    case 'sigterm':
      // Said and not done, as on every Unix: it exists for the tests of another product.
      return answered({ kind: 'text', status: 202, text: 'shutdown scheduled' });
    case 'failsafe':
      return parseFailsafe(body);
    case 'restart':
    case 'reinitialize':
      return parseOrder(command, body, context);
    case 'switchover':
    case 'failover':
    case 'patch-config':
    case 'put-config':
    case 'citus':
      return parseFields(command, body, context);
  }
}

type Context = { readonly snapshot: NodeSnapshot | null; readonly now: WallTime };

/** What is done with the body: `ignored` ones are not even read; `needed` ones have to say how long they are. */
export function bodyOf(command: CommandName): 'ignored' | 'optional' | 'needed' {
  switch (command) {
    case 'reload':
    case 'cancel-switchover':
    case 'cancel-restart':
    case 'sigterm':
      return 'ignored';
    case 'restart':
    case 'reinitialize':
      return 'optional';
    case 'switchover':
    case 'failover':
    case 'patch-config':
    case 'put-config':
    case 'failsafe':
    case 'citus':
      return 'needed';
  }
}

/**
 * What can be refused by the head of a request alone, once whoever sent it may send it (spec/rest-api.md 14 and 16).
 * @returns `null` when its body is to be read.
 */
export function headRefusal(
  command: CommandName,
  headers: IncomingHttpHeaders,
  snapshot: NodeSnapshot | null,
): Reply | null {
  if (command === 'failsafe' && snapshot?.observation.dynamic.failsafeMode !== true)
    return { kind: 'page', status: 502, text: 'failsafe mode is off' };
  const body = bodyOf(command);
  const isOfUnknownLength = headers['content-length'] === undefined;
  // Read as missing, a chunked body would ask for more than it says: a restart without its conditions.
  const isChunked = headers['transfer-encoding'] !== undefined;
  if (body !== 'ignored' && Number(headers['content-length']) > limits.bodyBytesMax)
    return { kind: 'page', status: 413, text: 'the body is too large' };
  const isRefused = (body === 'needed' && isOfUnknownLength) || (body === 'optional' && isChunked);
  return isRefused ? { kind: 'page', status: 411, text: 'Content-Length is needed' } : null;
}

/** The agent's answer as it goes out. */
export function replyFrom(command: CommandName | 'succession', answer: RequestAnswer): Reply {
  switch (answer.kind) {
    case 'text': {
      const { status, text } = answer;
      const isConfig = command === 'patch-config' || command === 'put-config';
      // What lost against another writer is a page everywhere (spec/rest-api.md 2.2).
      const isPage = isConfig || (command === 'cancel-switchover' && status === 409);
      return { kind: isPage ? 'page' : 'text', status, text };
    }
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
function parseOrder(command: 'restart' | 'reinitialize', body: string, context: Context): ParsedCommand {
  const parsed = parseJson(body === '' ? '{}' : body);
  if (parsed.kind === 'invalid' || !isJsonObject(parsed.json)) return badBody('the body has to be a JSON object');
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
  const restart = parseRestart(fields, { isPaused: isPaused(context), now: context.now });
  return restart.kind === 'request' ? restart : textAnswer(restart);
}

/** A body without which the command means nothing. */
function parseFields(
  command: 'switchover' | 'failover' | 'patch-config' | 'put-config' | 'citus',
  body: string,
  context: Context,
): ParsedCommand {
  const fields = fieldsOf(body);
  if (fields === null) return badBody('the body has to be a JSON object with fields');
  switch (command) {
    case 'patch-config':
      return { kind: 'request', request: { kind: command, patch: fields } };
    case 'put-config':
      return { kind: 'request', request: { kind: command, document: fields } };
    case 'citus':
      // Whoever coordinates acts on it. Here nobody does yet, and callers are always told that it was heard.
      return answered({ kind: 'text', status: 200, text: 'OK' });
    case 'switchover':
    case 'failover': {
      const parsed = parseHandover(fields, { endpoint: command, isPaused: isPaused(context), now: context.now });
      return parsed.kind === 'request' ? parsed : textAnswer(parsed);
    }
  }
}

function isPaused({ snapshot }: Context): boolean {
  return snapshot?.observation.dynamic.pause ?? false;
}

function parseFailsafe(body: string): ParsedCommand {
  const call = readFailsafeCall(body);
  return call === null
    ? badBody('the body has to be a JSON object with name, conn_url and api_url')
    : { kind: 'request', request: { kind: 'failsafe', call } };
}

/** @returns `null` for whatever is not an object with at least one field. */
function fieldsOf(body: string): JsonObject | null {
  const parsed = parseJson(body);
  if (parsed.kind === 'invalid' || !isJsonObject(parsed.json)) return null;
  return Object.keys(parsed.json).length > 0 ? parsed.json : null;
}

function badBody(text: string): ParsedCommand {
  return answered({ kind: 'page', status: 400, text });
}

function textAnswer({ status, text }: { readonly status: number; readonly text: string }): ParsedCommand {
  return answered({ kind: 'text', status, text });
}

function answered(reply: Reply): ParsedCommand {
  return { kind: 'answered', reply };
}
