const FORMS = ['text', 'boolean', 'integer', 'real', 'list', 'dictionary', 'log-format'] as const;
/** How a variable's text becomes a value. */
export type VariableForm = (typeof FORMS)[number];

export type FixedVariable = {
  /** Without `PATRONI_`. */
  readonly name: string;
  readonly path: readonly string[];
  readonly form: VariableForm;
};

/** spec/config.md 4.2. Of two variables for one option the later row wins, so old names come first. */
export const fixedVariables: readonly FixedVariable[] = [
  ...group('', [], { text: 'NAME NAMESPACE SCOPE THREAD_POOL_SIZE THREAD_STACK_SIZE' }),
  { name: 'LOGLEVEL', path: ['log', 'level'], form: 'text' },
  { name: 'LOGFORMAT', path: ['log', 'format'], form: 'log-format' },
  { name: 'LOG_DATEFMT', path: ['log', 'dateformat'], form: 'text' },
  ...group('LOG_', ['log'], {
    text: 'TYPE LEVEL TRACEBACK_LEVEL DATEFORMAT DIR',
    'log-format': 'FORMAT',
    dictionary: 'STATIC_FIELDS LOGGERS',
    integer: 'MAX_QUEUE_SIZE FILE_SIZE FILE_NUM MODE',
    boolean: 'DEDUPLICATE_HEARTBEAT_LOGS',
  }),
  ...group('RESTAPI_', ['restapi'], {
    text: 'LISTEN CONNECT_ADDRESS CERTFILE KEYFILE KEYFILE_PASSWORD CAFILE CIPHERS VERIFY_CLIENT SERVER_TOKENS',
    dictionary: 'HTTP_EXTRA_HEADERS HTTPS_EXTRA_HEADERS',
    list: 'ALLOWLIST',
    boolean: 'ALLOWLIST_INCLUDE_MEMBERS',
    integer: 'REQUEST_QUEUE_SIZE',
  }),
  ...group('RESTAPI_', ['restapi', 'authentication'], { text: 'USERNAME PASSWORD' }),
  ...group('CTL_', ['ctl'], { boolean: 'INSECURE', text: 'CACERT CERTFILE KEYFILE KEYFILE_PASSWORD' }),
  ...group('CTL_', ['ctl', 'authentication'], { text: 'USERNAME PASSWORD' }),
  ...group('POSTGRESQL_', ['postgresql'], {
    text: 'LISTEN CONNECT_ADDRESS PROXY_ADDRESS CONFIG_DIR DATA_DIR PGPASS BIN_DIR',
  }),
  ...group('POSTGRESQL_BIN_', ['postgresql', 'bin_name'], {
    text: 'PG_CTL INITDB PG_CONTROLDATA PG_BASEBACKUP POSTGRES PG_ISREADY PG_REWIND',
  }),
  ...['REPLICATION', 'SUPERUSER', 'REWIND'].flatMap((role) =>
    group(`${role}_`, ['postgresql', 'authentication', role.toLowerCase()], {
      text:
        'USERNAME PASSWORD SSLMODE SSLCERT SSLKEY SSLPASSWORD SSLROOTCERT SSLCRL SSLCRLDIR GSSENCMODE ' +
        'CHANNEL_BINDING SSLNEGOTIATION',
    }),
  ),
  ...group('RAFT_', ['raft'], {
    text: 'DATA_DIR SELF_ADDR PASSWORD BIND_ADDR',
    list: 'PARTNER_ADDRS',
    real: 'MIN_TIMEOUT MAX_TIMEOUT CONNECTION_TIMEOUT APPEND_ENTRIES_PERIOD CONNECTION_RETRY_TIME LEADER_FALLBACK_TIMEOUT',
  }),
  ...group('CITUS_', ['citus'], { integer: 'GROUP', text: 'DATABASE' }),
];

/** The closed list of suffixes of `PATRONI_<STORE>_<SUFFIX>` (spec/config.md 4.3). */
export const storeSuffixes: ReadonlyMap<string, VariableForm> = new Map([
  ...suffixes(
    'text',
    'HOST PROTOCOL SRV SRV_SUFFIX URL PROXY CACERT CERT KEY KEY_PASSWORD TOKEN DC CONSISTENCY SERVICE_CHECK_INTERVAL ' +
      'SERVICE_CHECK_TLS_SERVER_NAME NAMESPACE CONTEXT SCOPE_LABEL ROLE_LABEL POD_IP LEADER_LABEL_VALUE ' +
      'FOLLOWER_LABEL_VALUE STANDBY_LEADER_LABEL_VALUE TMP_ROLE_LABEL USE_SSL GROUP DATABASE',
  ),
  ...suffixes('integer', 'PORT'),
  ...suffixes('list', 'HOSTS PORTS CHECKS SERVICE_TAGS RETRIABLE_HTTP_CODES'),
  ...suffixes('dictionary', 'LABELS SET_ACLS AUTH_DATA BOOTSTRAP_LABELS'),
  ...suffixes('boolean', 'USE_PROXIES REGISTER_SERVICE USE_ENDPOINTS BYPASS_API_SERVICE VERIFY'),
]);

/** Read only beside another variable of the same section (spec/config.md 4.3, note 5). */
export const storeCredentials: readonly { readonly section: string; readonly name: string; readonly key: string }[] = [
  { section: 'etcd', name: 'ETCD_USERNAME', key: 'username' },
  { section: 'etcd', name: 'ETCD_PASSWORD', key: 'password' },
  { section: 'etcd3', name: 'ETCD3_USERNAME', key: 'username' },
  { section: 'etcd3', name: 'ETCD3_PASSWORD', key: 'password' },
];

function group(
  prefix: string,
  section: readonly string[],
  forms: Partial<Record<VariableForm, string>>,
): readonly FixedVariable[] {
  return FORMS.flatMap((form) =>
    (forms[form]?.split(' ') ?? []).map((suffix) => ({
      name: prefix + suffix,
      path: [...section, suffix.toLowerCase()],
      form,
    })),
  );
}

function suffixes(form: VariableForm, names: string): readonly (readonly [string, VariableForm])[] {
  return names.split(' ').map((name) => [name, form] as const);
}
