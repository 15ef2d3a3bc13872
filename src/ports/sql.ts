import type { Json } from '../domain/json.ts';

/** A server, and as whom to ask it; `null`: what libpq would take, from `PG*` variables or the system's user. */
export type SqlTarget = {
  readonly host: string;
  readonly port: number;
  readonly user: string | null;
  readonly password: string | null;
  readonly database: string | null;
};

/** What somebody's statement came to. Of several statements in one text the last one answers. */
export type SqlAnswer =
  | { readonly kind: 'rows'; readonly columns: readonly string[]; readonly rows: readonly (readonly Json[])[] }
  /** It was carried out, and has no rows to show. */
  | { readonly kind: 'no-rows' }
  | SqlFailure;

/** `sqlState`: five characters where the server said no; `null`: it was not reached, or is gone. */
export type SqlFailure = { readonly kind: 'failed'; readonly sqlState: string | null; readonly message: string };

/** One connection, in autocommit. */
export type SqlSession = {
  query(text: string): Promise<SqlAnswer>;
  close(): Promise<void>;
};

export type SqlConnected = { readonly kind: 'open'; readonly session: SqlSession } | SqlFailure;
