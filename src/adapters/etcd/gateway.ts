import { readFileSync } from 'node:fs';
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import type { StoreConfig, TlsClientConfig } from '../../domain/agent-config.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import { leaseId, revision, storeKey } from '../../domain/names.ts';
import type { Millis } from '../../domain/time.ts';
import type { ReadOutcome, StoredPair } from '../../ports/store.ts';
import { parseJson } from '../../wire/json.ts';
import { prefixRange } from './pairs.ts';

/**
 * Read everything below a prefix by etcd's JSON gateway: one linearizable range from the first endpoint. A command that
 * reads once is done before a gRPC client is loaded (docs/adr/0002-etcd-client.md).
 * @returns `null` for whatever is not that answer: nothing was learned, and the careful client is to be asked.
 */
export async function readByGateway(
  { config, prefix }: { readonly config: StoreConfig; readonly prefix: string },
  limit: Millis,
): Promise<(ReadOutcome & { readonly kind: 'read' }) | null> {
  const [address] = config.endpoints;
  if (address === undefined || config.srv !== undefined) return null;
  try {
    const signal = AbortSignal.timeout(limit);
    const ask = (path: string, body: JsonObject, headers = {}): Promise<JsonObject | null> =>
      post(new URL(path, `${config.protocol}://${address}`), body, { ...tlsOptions(config), headers, signal });
    const headers = await authorization(config, ask);
    if (headers === null) return null;
    const { key, rangeEnd } = prefixRange(prefix);
    const range = { key: key.toString('base64'), range_end: rangeEnd.toString('base64') };
    const answer = await ask('/v3/kv/range', range, headers);
    return answer === null ? null : readRange(answer, prefix);
  } catch (error) {
    // Refused, reset, late, untrusted, an unreadable certificate: the careful client meets it again, and names it.
    if (error instanceof Error) return null;
    throw error;
  }
}

type Ask = (path: string, body: JsonObject) => Promise<JsonObject | null>;

/** The headers that go with a call; `null`: the store let nobody in. */
async function authorization({ username, password }: StoreConfig, ask: Ask): Promise<Record<string, string> | null> {
  if (username === null || password === null) return {};
  const answer = await ask('/v3/auth/authenticate', { name: username, password });
  const token = answer?.['token'];
  return typeof token === 'string' ? { Authorization: token } : null;
}

/** @returns `null` for any status but 200, and for what is no object. */
async function post(url: URL, body: JsonObject, options: RequestOptions): Promise<JsonObject | null> {
  const text = JSON.stringify(body);
  // Loaded where it is used: TLS takes as long as everything else here.
  const request = url.protocol === 'https:' ? (await import('node:https')).request : requestHttp;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { ...options, method: 'POST', agent: false }, resolve)
      .on('error', reject)
      .end(text);
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    if (!(chunk instanceof Buffer)) continue;
    size += chunk.length;
    if (size > ANSWER_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  const parsed = parseJson(Buffer.concat(chunks).toString('utf8'));
  return response.statusCode === 200 && parsed.kind === 'parsed' && isJsonObject(parsed.json) ? parsed.json : null;
}

/** The largest cluster's keys are some hundred kilobytes. */
const ANSWER_BYTES_MAX = 32 * 1024 * 1024;

function tlsOptions({ protocol, tls }: StoreConfig): RequestOptions & { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  if (protocol === 'http') return {};
  const read = (name: string, path: string | null): object => (path === null ? {} : { [name]: readFileSync(path) });
  return { ...read('ca', tls.caFile), ...read('cert', tls.certFile), ...read('key', keyFile(tls)) };
}

/** Certificate and key may share one file (spec/dcs.md 3.1.7). */
function keyFile({ certFile, keyFile }: TlsClientConfig): string | null {
  return certFile === null ? null : (keyFile ?? certFile);
}

/** 64-bit numbers come as text, and what is zero or empty does not come at all. */
function readRange(answer: JsonObject, prefix: string): (ReadOutcome & { readonly kind: 'read' }) | null {
  const header = answer['header'];
  const kvs = answer['kvs'] ?? [];
  if (!isJsonObject(header) || !Array.isArray(kvs)) return null;
  const at = number(header['revision']);
  if (at === null) return null;
  const pairs = kvs.map((each: Json) => readPair(each, prefix));
  return pairs.includes(null)
    ? null
    : { kind: 'read', revision: revision(at), pairs: pairs.filter((each) => each !== null).sort(byKey) };
}

function readPair(json: Json, prefix: string): StoredPair | null {
  if (!isJsonObject(json)) return null;
  const key = text(json['key']);
  const value = json['value'] === undefined ? '' : text(json['value']);
  const created = number(json['create_revision']);
  const modified = number(json['mod_revision']);
  if (key === null || value === null || created === null || modified === null) return null;
  const lease = number(json['lease'] ?? '0');
  return {
    key: storeKey(key.slice(prefix.length)),
    value,
    lease: lease === null || lease === 0n ? null : leaseId(lease.toString()),
    createRevision: revision(created),
    modRevision: revision(modified),
  };
}

function text(json: Json | undefined): string | null {
  return typeof json === 'string' ? Buffer.from(json, 'base64').toString('utf8') : null;
}

function number(json: Json | undefined): bigint | null {
  return typeof json === 'string' && /^-?\d+$/.test(json) ? BigInt(json) : null;
}

function byKey(a: StoredPair, b: StoredPair): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
