import type { StoreConfig } from '../domain/agent-config.ts';
import type { WallTime } from '../domain/time.ts';
import type { Store } from '../ports/store.ts';

/** What a command sees of the world it is called in. */
export type CommandLine = {
  readonly stdout: Output;
  /** Errors and warnings, never data. */
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly files: ConfigFiles;
  wallNow(): WallTime;
  sleep(milliseconds: number): Promise<void>;
  /** A connection to one cluster's keys; the caller closes it. */
  openStore(config: StoreConfig, prefix: string): Store;
};

export type Output = { readonly isTerminal: boolean; write(text: string): void };

export type ConfigFiles = {
  /** The user's own file, which need not exist. */
  readonly defaultPath: string;
  /** The file's text, or the text of each `*.yml` and `*.yaml` of a directory in the order of their names. */
  read(path: string): { readonly kind: 'read'; readonly texts: readonly string[] } | { readonly kind: 'unreadable' };
};

/** Global options, as given. */
export type GlobalOptions = { readonly configFile: string | null; readonly storeUrl: string | null };

/** What the process ends with (spec/ctl.md 3). */
export type ExitCode = 0 | 1 | 2;
