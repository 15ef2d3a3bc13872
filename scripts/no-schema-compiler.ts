/**
 * Stands in the bundle where fastify would load a compiler of JSON schemas, or what its own tests need: no route has a schema
 * (src/api/start-api.ts), and they are some hundred kilobytes of source that every agent would keep in memory.
 */
export default function noSchemaCompiler(): never {
  throw new Error('no route of the REST API has a schema');
}
