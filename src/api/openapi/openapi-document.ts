import type { Json, JsonObject } from '../../domain/json.ts';
import { productVersion } from '../../domain/version.ts';
import { commands, documents } from '../route.ts';
import { answerSchemas } from './answer-schemas.ts';
import { healthChecks, healthParameters } from './health-checks.ts';
import { type Answer, type Operation, operationOfCommand, operationOfDocument, succession } from './operations.ts';
import { requestSchemas } from './request-schemas.ts';

/**
 * The description of this API in OpenAPI 3.1, made from the routes that requests are matched against: what is served is
 * described, and nothing else.
 */
export function openApiDocument(): JsonObject {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Matriarch',
      version: productVersion,
      description:
        'REST API of one member, compatible with Patroni 4.1. Whatever only reads needs no password. A path that is not ' +
        'listed here is a health check that fails: 503.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: paths(),
    components: {
      schemas: { ...answerSchemas, ...requestSchemas },
      securitySchemes: {
        password: { type: 'http', scheme: 'basic' },
        certificate: { type: 'mutualTLS', description: 'Where `restapi.verify_client` asks for one.' },
      },
    },
  };
}

function paths(): JsonObject {
  const found = new Map<string, JsonObject>();
  const add = (path: string, method: string, operation: JsonObject): void => {
    found.set(path, { ...found.get(path), [method.toLowerCase()]: operation });
  };
  for (const [path, summary] of Object.entries(healthChecks)) {
    for (const method of ['GET', 'HEAD', 'OPTIONS']) add(path, method, healthOperation(path, method, summary));
  }
  for (const name of documents) {
    add(`/${name}`, 'GET', described(`get-${name}`, operationOfDocument[name]));
  }
  add('/matriarch/succession', 'GET', described('get-succession', succession));
  for (const [call, name] of Object.entries(commands)) {
    const [method = '', segment = ''] = call.split(' ');
    const operation = operationOfCommand[name];
    const guarded = { ...operation, answers: { ...operation.answers, ...refusals } };
    add(`/${segment}`, method, { ...described(`${method}-${segment}`, guarded), security: guards });
  }
  return Object.fromEntries(found);
}

/** Whoever changes something; with nothing configured nobody is asked for anything. */
const guards: Json = [{}, { password: [] }, { certificate: [] }, { password: [], certificate: [] }];

const refusals: Operation['answers'] = {
  401: { description: 'No password, or a wrong one.' },
  403: { description: 'Not from this address, or not without a certificate.' },
};

function healthOperation(path: string, method: string, summary: string): JsonObject {
  const name = path === '/' ? 'root' : path.slice(1);
  const body: Pick<Answer, 'schema'> = method === 'GET' ? { schema: 'NodeStatus' } : {};
  const answers = { 200: { description: 'Yes.', ...body }, 503: { description: 'No.', ...body } };
  return described(`${method}-${name}`, { summary, tag: 'health', parameters: healthParameters, answers });
}

function described(id: string, { summary, tag, parameters = [], body, answers }: Operation): JsonObject {
  return {
    operationId: id.toLowerCase(),
    summary,
    tags: [tag],
    ...(parameters.length === 0 ? {} : { parameters: [...parameters] }),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, response(answer)])),
  };
}

/** The content type of a request is not looked at. */
function requestBody({ schema, need }: NonNullable<Operation['body']>): JsonObject {
  return { required: need === 'needed', content: { 'application/json': { schema: reference(schema) } } };
}

function response({ description, schema, type }: Answer): JsonObject {
  if (schema === undefined && type === undefined) return { description };
  const content = schema === undefined ? { schema: { type: 'string' } } : { schema: reference(schema) };
  return { description, content: { [type ?? 'application/json']: content } };
}

function reference(schema: string): JsonObject {
  return { $ref: `#/components/schemas/${schema}` };
}
