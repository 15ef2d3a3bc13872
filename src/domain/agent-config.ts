import type { CallbackAction } from './callback.ts';
import type { CustomBootstrap } from './custom-bootstrap.ts';
import type { JsonObject } from './json.ts';
import type { MemberName } from './names.ts';
import type { ReplicaMethod } from './replica-method.ts';
import type { Tags } from './tags.ts';
import type { Millis } from './time.ts';

/** One agent's own configuration: file and `PATRONI_*` variables, defaults filled in (spec/config.md 9). */
export type AgentConfig = {
  readonly name: MemberName;
  readonly scope: string;
  /** As configured; the key prefix is built from it by `wire/store-keys.ts`. */
  readonly namespace: string;
  readonly tags: Tags;
  readonly store: StoreConfig;
  readonly api: ApiConfig;
  readonly postgres: LocalPostgresConfig;
  readonly bootstrap: BootstrapConfig | null;
  readonly watchdog: {
    readonly mode: 'off' | 'automatic' | 'required';
    readonly device: string;
    /** In seconds; -1: half of `ttl`. */
    readonly safetyMargin: number;
    /** Absent: the kernel's. */
    readonly driver?: 'testing';
    /** The section is there, so a person wants one; absent: it is only the default. */
    readonly isNamed?: true;
  };
  readonly log: LogConfig;
  /** Settings that are accepted but not active yet, each as a sentence; logged once at start. */
  readonly notices: readonly string[];
};

/** Where lines go and what they look like (spec/config.md 9.2). What is absent has its usual form. */
export type LogConfig = {
  readonly level: LogThreshold;
  readonly format: 'plain' | 'json';
  /** `%(asctime)s %(levelname)s: %(message)s`, as Python's logging has it; for plain lines. */
  readonly template?: string;
  /** What a JSON line has: the names of fields, each perhaps under another one. */
  readonly fields?: readonly { readonly field: string; readonly name: string }[];
  /** As for `strftime`. */
  readonly dateFormat?: string;
  /** In each JSON line. */
  readonly staticFields?: JsonObject;
  /** How many lines wait at most for who reads them. */
  readonly queueMax?: number;
  /** Absent: standard error. */
  readonly file?: {
    readonly folder: string;
    /** Permission bits; `null`: what the process gives its files. */
    readonly mode: number | null;
    /** How many full files are kept beside the one that is written. */
    readonly kept: number;
    readonly bytesMax: number;
  };
  /** `debug`: where a defect happened is told only when everything is. */
  readonly tracebacks?: 'debug';
  /** For events of these names. */
  readonly levels?: Readonly<Record<string, LogThreshold>>;
};

export type LogThreshold = 'debug' | 'info' | 'warn' | 'error';

/** etcd v3 (spec/dcs.md 3.1.7 and 3.1.8). */
export type StoreConfig = {
  readonly kind: 'etcd3';
  /** `host:port` each, in the order given. */
  readonly endpoints: readonly string[];
  /** Where DNS has records of the store; the endpoints, which may be none then, come after those. */
  readonly srv?: { readonly domain: string; readonly suffix: string | null };
  readonly protocol: 'http' | 'https';
  readonly tls: TlsClientConfig;
  readonly username: string | null;
  readonly password: string | null;
  /** `true`: the endpoints are final; do not ask the store for its member list. */
  readonly useProxies: boolean;
};

/** Paths of PEM files; `null` where not configured. */
export type TlsClientConfig = {
  readonly caFile: string | null;
  readonly certFile: string | null;
  readonly keyFile: string | null;
};

export type ApiConfig = {
  /** A name or an address; `*`: all addresses of both families. */
  readonly listenHost: string;
  readonly port: number;
  /** `host:port` under which peers reach it. */
  readonly connectAddress: string;
  /** Basic authentication for requests that change something; `null` when open. */
  readonly auth: { readonly username: string; readonly password: string } | null;
  readonly tls: {
    readonly certFile: string;
    readonly keyFile: string | null;
    readonly keyPassword: string | null;
    /** In OpenSSL's words; `null`: the library's own choice. */
    readonly ciphers: string | null;
  } | null;
  readonly clientCaFile: string | null;
  readonly verifyClient: 'none' | 'optional' | 'required';
  readonly allowlist: readonly string[];
  /** Members may send what changes something, wherever they are. */
  readonly allowlistIncludesMembers: boolean;
  /** Added to answers with a body, in the order given, beside the headers that are always there. */
  readonly extraHeaders: readonly (readonly [name: string, value: string])[];
  /** What the `Server` header says. */
  readonly serverTokens: 'original' | 'minimal' | 'product-only';
  /** How many connections may wait to be taken by us. */
  readonly backlog: number;
  /** For the agent's own requests to peers (`ctl` section). */
  readonly client: {
    readonly tls: TlsClientConfig;
    /** Where the key is encrypted. */
    readonly keyPassword?: string;
    readonly insecure: boolean;
    readonly auth: { readonly username: string; readonly password: string } | null;
  };
};

export type Credentials = {
  readonly username: string;
  readonly password: string | null;
  /** libpq keywords: `sslmode`, `sslcert`, … */
  readonly connection: Readonly<Record<string, string>>;
};

export type LocalPostgresConfig = {
  readonly listenAddresses: string;
  readonly port: number;
  /** `host:port` under which clients and replicas reach it. */
  readonly connectAddress: string;
  readonly proxyAddress: string | null;
  readonly dataDir: string;
  readonly configDir: string;
  /** Empty: search `PATH`. */
  readonly binDir: string;
  readonly binNames: Readonly<Record<string, string>>;
  readonly database: string;
  readonly pgpassFile: string;
  readonly useUnixSocket: boolean;
  readonly useUnixSocketForReplication: boolean;
  readonly superuser: Credentials;
  readonly replication: Credentials;
  readonly rewind: Credentials;
  /** The local `postgresql` section without credentials; it hides what the dynamic one says (spec/config.md 5). */
  readonly section: JsonObject;
};

export type BootstrapConfig = {
  /** First content of the `config` key. */
  readonly dynamic: JsonObject;
  /** Options for initdb in order, already checked: `--encoding=UTF8`, `--data-checksums` … */
  readonly initdbOptions: readonly string[];
  readonly pgHba: readonly string[];
  /** In place of initdb. */
  readonly custom: CustomBootstrap | null;
  readonly postBootstrap: string | null;
};

/** What PostgreSQL's files say beyond what the agent itself decides. */
export type FileSettings = {
  /** `postgresql.parameters`, values as PostgreSQL wants them in its file; names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Empty: the file is not ours. */
  readonly pgHba: readonly string[];
  readonly pgIdent: readonly string[];
};

/** In which `parameters_<role>`, `pg_hba_<role>` and `pg_ident_<role>` count. */
export type FileRole = 'primary' | 'replica' | 'standby_leader';

/** The `postgresql` section after local and dynamic were merged; what the rules and the adapter need of it. */
export type EffectivePostgres = FileSettings & {
  /** For roles that have settings of their own, everything that then holds; absent: what holds for all. */
  readonly roles?: Readonly<Partial<Record<FileRole, FileSettings>>>;
  readonly usePgRewind: boolean;
  readonly useSlots: boolean;
  readonly removeDataOnRewindFailure: boolean;
  readonly removeDataOnDivergedTimelines: boolean;
  readonly basebackupOptions: readonly string[];
  readonly rewindOptions: readonly string[];
  /** How a copy of the cluster is made, in order. */
  readonly replicaMethods: readonly ReplicaMethod[];
  readonly startTimeout: Millis;
  /** Extra recovery settings for standbys; never targets, upstream or slot. */
  readonly recovery: Readonly<Record<string, string>>;
  readonly callbacks: Readonly<Partial<Record<CallbackAction, string>>>;
  readonly prePromote: string | null;
  readonly beforeStop: string | null;
};
