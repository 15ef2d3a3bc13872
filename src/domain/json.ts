/** Any JSON value. Integers beyond 2^53 arrive as `bigint`, so that no digit of a position is lost. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };
