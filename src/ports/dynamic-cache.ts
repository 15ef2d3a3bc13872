import type { JsonObject } from '../domain/json.ts';

/** A copy of the dynamic configuration beside PostgreSQL's data, for a store that has lost it. */
export type DynamicCache = {
  /** Have this document on disk soon. Costs nothing when it is there already; what cannot be written is tried again. */
  keep(document: JsonObject): void;
};
