import type { RequestListener, Server } from 'node:http';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { ApiConfig } from '../domain/agent-config.ts';
import { Defect } from '../domain/invariant.ts';
import type { NodeSnapshot } from '../domain/node-snapshot.ts';
import type { AgentRequest, RequestAnswer } from '../domain/requests.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import { accessRefusal } from './access.ts';
import { type Allowlist, createAllowlist } from './allowlist.ts';
import { needsBody, parseCommand, replyFrom } from './commands.ts';
import { documentReply, healthReply } from './documents.ts';
import { limits } from './limits.ts';
import { createListener } from './listener.ts';
import { type Reply, send } from './reply.ts';
import { routeOf, splitTarget } from './route.ts';

export type ApiOptions = {
  readonly config: ApiConfig;
  /** What the agent knew after its last step; `null` before the first. Asked for each request. */
  readonly snapshot: () => NodeSnapshot | null;
  readonly clock: Clock;
  /** Hands a request to the agent machine; settles with its answer, however long that takes (it bounds itself). */
  readonly request: (request: AgentRequest) => Promise<RequestAnswer>;
  readonly log: Log;
};

export type Api = {
  readonly port: number;
  /** Stops listening and drops what is still open. */
  close(): Promise<void>;
};

/**
 * Serve the REST API.
 * @throws When the address cannot be bound or a certificate cannot be read.
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const allowlist = await createAllowlist(options.config.allowlist, options.log);
  const app = createApp(options, allowlist);
  await listen(app, options.config);
  const address = app.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.config.port,
    close: () => app.close(),
  };
}

function createApp(options: ApiOptions, allowlist: Allowlist): FastifyInstance {
  const app = fastify({
    serverFactory: (handler: RequestListener): Server => createListener(options.config, handler),
    forceCloseConnections: true,
    bodyLimit: limits.bodyBytesMax,
    // Routing is by the raw path, escapes and all (route.ts): everything is one route here.
    rewriteUrl: () => '/',
    exposeHeadRoutes: false,
    // No route has a schema. Without these, fastify loads two schema compilers of some megabytes all the same.
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
  });
  app.removeAllContentTypeParsers();
  // Clients of this API send JSON under any content type or none.
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', (request, reply, done) => {
    const refusal = refusalBeforeBody(request, options.config, allowlist);
    if (refusal === null) done();
    else send(reply, refusal);
  });
  app.route({ method: methods, url: '/', handler: (request, reply) => answer(request, reply, options) });
  app.setNotFoundHandler((request, reply) => send(reply, unsupported(request.method)));
  app.setErrorHandler((error, _request, reply) => send(reply, failure(error, options.log)));
  return app;
}

/** Everything that can be refused without reading a byte of the body. */
function refusalBeforeBody(request: FastifyRequest, config: ApiConfig, allowlist: Allowlist): Reply | null {
  const route = routeOf(request.method, splitTarget(request.originalUrl).path);
  if (route.kind === 'unsupported') return unsupported(request.method);
  if (route.kind !== 'command') return null;
  const refusal = accessRefusal(request.raw, config, allowlist);
  if (refusal !== null) return refusal;
  const hasLength = request.headers['content-length'] !== undefined;
  return needsBody(route.command) && !hasLength
    ? { kind: 'page', status: 411, text: 'Content-Length is needed' }
    : null;
}

/** Every other one is answered as not found, which is 501 here. */
const methods = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PATCH', 'DELETE'];

function noCompiler(): never {
  throw new Defect('no route of the REST API has a schema');
}

async function answer(request: FastifyRequest, reply: FastifyReply, options: ApiOptions): Promise<FastifyReply> {
  return send(reply, await replyTo(request, options));
}

function replyTo(request: FastifyRequest, options: ApiOptions): Reply | Promise<Reply> {
  const { path, query } = splitTarget(request.originalUrl);
  const route = routeOf(request.method, path);
  const asked = { snapshot: options.snapshot(), now: options.clock.now(), query };
  switch (route.kind) {
    case 'health':
      return healthReply(route.path, request.method === 'GET' ? 'with-document' : 'status-only', asked);
    case 'document':
      return documentReply(route.document, asked);
    case 'command': {
      const body = typeof request.body === 'string' ? request.body : '';
      const parsed = parseCommand(route.command, body, { snapshot: asked.snapshot, now: options.clock.wallNow() });
      return parsed.kind === 'refused' ? parsed.reply : options.request(parsed.request).then(replyFrom);
    }
    case 'question':
      return options.request({ kind: route.question }).then(replyFrom);
    case 'unsupported':
      return unsupported(request.method);
  }
}

/** The phrase is what an old client looks for. */
function unsupported(method: string): Reply {
  return {
    kind: 'page',
    status: 501,
    text: `Unsupported method ('${method}'). Server does not support this operation`,
  };
}

/** fastify's own refusals (a body too large) carry a status; anything else is a defect, and the client learns no more. */
function failure(error: unknown, log: Log): Reply {
  if (
    error instanceof Error &&
    'statusCode' in error &&
    typeof error.statusCode === 'number' &&
    error.statusCode < 500
  ) {
    return { kind: 'page', status: error.statusCode, text: error.message };
  }
  log.write('error', 'api-defect', {
    problem: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return { kind: 'page', status: 500, text: 'internal error' };
}

/** All addresses means both families where the machine has IPv6, else IPv4. */
async function listen(app: FastifyInstance, config: ApiConfig): Promise<void> {
  const isAny = config.listenHost === '' || config.listenHost === '*';
  const at = { port: config.port, backlog: limits.backlog };
  try {
    await app.listen({ ...at, host: isAny ? '::' : config.listenHost });
  } catch (error) {
    if (!isAny || !isWithoutIpv6(error)) throw error;
    await app.listen({ ...at, host: '0.0.0.0' });
  }
}

function isWithoutIpv6(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL');
}
