import type { JsonObject } from './json.ts';
import type { MemberName } from './names.ts';
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
  readonly log: { readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly format: 'plain' | 'json' };
  /** Settings that are accepted but not active yet, each as a sentence; logged once at start. */
  readonly notices: readonly string[];
};

/** etcd v3 (spec/dcs.md 3.1.7 and 3.1.8). */
export type StoreConfig = {
  readonly kind: 'etcd3';
  /** `host:port` each, in the order given. */
  readonly endpoints: readonly string[];
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
  readonly createReplicaMethods: readonly string[];
  readonly startTimeout: Millis;
  /** Extra recovery settings for standbys; never targets, upstream or slot. */
  readonly recovery: Readonly<Record<string, string>>;
  readonly callbacks: Readonly<Record<string, string>>;
};
