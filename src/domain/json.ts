/** Any JSON value. Integers beyond 2^53 arrive as `bigint`, so that no digit of a position is lost. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** An object, as opposed to a list, a scalar, `null` or an absent field. */
export function isJsonObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

export function isJsonList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}
