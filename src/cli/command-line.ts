import type { StoreConfig } from '../domain/agent-config.ts';
import type { Instant, WallTime } from '../domain/time.ts';
import type { AgentApi } from '../ports/agent-api.ts';
import type { SqlConnected, SqlTarget } from '../ports/sql.ts';
import type { OperatorStore } from '../ports/store.ts';
import type { CtlAccess } from '../wire/config/ctl.ts';

/** What a command sees of the world it is called in. */
export type CommandLine = {
  readonly stdout: Output;
  /** Errors and warnings, never data. */
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly files: ConfigFiles;
  now(): Instant;
  wallNow(): WallTime;
  sleep(milliseconds: number): Promise<void>;
  /** A connection to one cluster's keys; the caller closes it. */
  openStore(config: StoreConfig, prefix: string): OperatorStore;
};

export type Output = { readonly isTerminal: boolean; write(text: string): void };

export type ConfigFiles = {
  /** The user's own file, which need not exist. */
  readonly defaultPath: string;
  /** The file's text, or the text of each `*.yml` and `*.yaml` of a directory in the order of their names. */
  read(path: string): { readonly kind: 'read'; readonly texts: readonly string[] } | { readonly kind: 'unreadable' };
};

/** What a command sees beyond that when it asks people, or agents. */
export type OperatorLine = CommandLine & {
  /** Show `prompt` and read a line; `null`: the input ended, or was interrupted. */
  ask(prompt: string): Promise<string | null>;
  /** The same, without showing what is typed. */
  askSecret(prompt: string): Promise<string | null>;
  /** A connection to a server; whoever asks closes it. */
  connectSql(target: SqlTarget): Promise<SqlConnected>;
  /** Everything that standard input holds. */
  readInput(): Promise<TextRead>;
  /** A text file that the command line names. */
  readText(path: string): TextRead;
  /** Let the user change `text` in their editor. */
  edit(document: { readonly text: string; readonly fileName: string }): Promise<Edited>;
  openAgents(access: CtlAccess): AgentApi;
};

export type TextRead =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'unusable'; readonly why: 'cannot be read' | 'is no UTF-8' };

export type Edited =
  | { readonly kind: 'edited'; readonly text: string; readonly file: EditedFile }
  | { readonly kind: 'failed'; readonly message: string };

/** Where it still lies, until it is removed: what cannot be used is not lost. */
export type EditedFile = { readonly path: string; remove(): void };

/** Global options, as given. */
export type GlobalOptions = {
  readonly configFile: string | null;
  readonly storeUrl: string | null;
  /** `-k`: do not verify certificates of the REST API. */
  readonly insecure: boolean;
  /** `--group`: one group of a Citus cluster; `null`: not given. */
  readonly group: number | null;
};

/** What the process ends with (spec/ctl.md 3). */
export type ExitCode = 0 | 1 | 2;
