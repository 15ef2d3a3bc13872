import type { Millis } from '../domain/time.ts';

/** What a playground takes from the outside; `main` gives it. */
export interface World {
  /** A monotonic clock, in milliseconds. */
  now(): number;
  /** Milliseconds since 1970, as the agents' logs have them. */
  wallNow(): number;
  sleep(span: Millis): Promise<void>;
  /** Why everything shall end now (Ctrl-C, for instance); `null`: go on. */
  interruption(): Error | null;
  print(line: string): void;
  /** This very program: `node script ARGUMENT...` runs another command of it. */
  readonly program: { readonly node: string; readonly script: string };
  /** Whom started programs run as; `null`: as whoever runs us. PostgreSQL refuses root. */
  readonly user: User | null;
}

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}
