import type { ApiConfig } from '../../domain/agent-config.ts';
import { parseInteger } from '../../domain/quantity.ts';
import { readExtraHeaders, readServerTokens } from './api-headers.ts';
import type { HostPort } from './host-port.ts';
import { joinHostPort, splitHostPort } from './host-port.ts';
import type { Section } from './section.ts';
import { flag, hasSection, notice, problem, requiredText, subsection, text, texts } from './section.ts';

/** The REST API and the agent's own requests to peers (spec/config.md 9.3 and 9.4). */
export function readApi(root: Section): ApiConfig {
  const section = subsection(root, 'restapi');
  const ctl = subsection(root, 'ctl');
  const listen = readListen(section);
  const certFile = text(section, 'certfile');
  const clientCaFile = text(section, 'cafile');
  const auth = readAuth(section);
  return {
    listenHost: listen.host,
    port: listen.port,
    connectAddress: readConnectAddress(section, { listen, defaultPort: certFile === null ? 80 : 443 }),
    auth,
    tls:
      certFile === null
        ? null
        : {
            certFile,
            keyFile: text(section, 'keyfile'),
            keyPassword: text(section, 'keyfile_password'),
            ciphers: text(section, 'ciphers'),
          },
    clientCaFile,
    verifyClient: readVerifyClient(section),
    allowlist: texts(section, 'allowlist'),
    allowlistIncludesMembers: flag(section, 'allowlist_include_members'),
    extraHeaders: readExtraHeaders(section, certFile === null ? 'http' : 'https'),
    serverTokens: readServerTokens(section),
    backlog: readBacklog(section),
    client: readClient(ctl, { caFile: clientCaFile, auth }),
  };
}

function readListen(section: Section): HostPort {
  const unusable: HostPort = { host: '*', port: 1 };
  const value = requiredText(section, 'listen', 'give host:port, for example 0.0.0.0:8008');
  if (value === '') return unusable;
  const listen = splitHostPort(value, null);
  if (listen === null) problem(section, 'listen', `"${value}" is not host:port, for example 0.0.0.0:8008`);
  return { ...(listen ?? unusable), host: listen === null || listen.host === '' ? '*' : listen.host };
}

function readConnectAddress(
  section: Section,
  { listen, defaultPort }: { readonly listen: HostPort; readonly defaultPort: number },
): string {
  const value = text(section, 'connect_address');
  if (value === null) {
    if (WILDCARDS.has(listen.host)) {
      notice(section, 'connect_address', 'is not set, and listen names no address that peers could reach');
    }
    return joinHostPort(listen);
  }
  const address = splitHostPort(value, defaultPort);
  if (address === null || address.host === '') {
    problem(section, 'connect_address', `"${value}" is not host:port, under which the other members reach this one`);
    return value;
  }
  return joinHostPort(address);
}

/** Patroni's default of 5 is for a server that takes connections one by one. */
function readBacklog(section: Section): number {
  const value = section.values['request_queue_size'];
  if (value === undefined || value === null) return BACKLOG;
  const size = parseInteger(value);
  if (size !== null && size >= 0 && size <= BACKLOG_MAX) return size;
  notice(section, 'request_queue_size', `has to be a whole number from 0 to ${BACKLOG_MAX}: ${BACKLOG} is used`);
  return BACKLOG;
}

const BACKLOG = 128;
const BACKLOG_MAX = 4096;

const WILDCARDS: ReadonlySet<string> = new Set(['*', '0.0.0.0', '::']);

type Auth = ApiConfig['auth'];

/** The `authentication` map, or the former `auth: user:password`. */
export function readAuth(section: Section): Auth {
  const former = text(section, 'auth');
  if (!hasSection(section, 'authentication')) {
    if (former === null) return null;
    const colon = former.indexOf(':');
    if (colon !== -1) return { username: former.slice(0, colon), password: former.slice(colon + 1) };
    problem(section, 'auth', 'must be username:password');
    return null;
  }
  const authentication = subsection(section, 'authentication');
  if (text(authentication, 'username') === null && text(authentication, 'password') === null) return null;
  const advice = 'a user name needs a password and the other way round; remove both to leave the API open';
  return {
    username: requiredText(authentication, 'username', advice),
    password: requiredText(authentication, 'password', advice),
  };
}

function readVerifyClient(section: Section): ApiConfig['verifyClient'] {
  const mode = text(section, 'verify_client')?.toLowerCase() ?? 'none';
  if (mode === 'none' || mode === 'optional' || mode === 'required') return mode;
  notice(section, 'verify_client', `"${mode}" is none of none, optional, required: clients are not verified`);
  return 'none';
}

/** Between agents a server's certificate is verified only by those who show one of their own. */
function readClient(ctl: Section, api: { readonly caFile: string | null; readonly auth: Auth }): ApiConfig['client'] {
  const certFile = text(ctl, 'certfile');
  const keyPassword = text(ctl, 'keyfile_password');
  return {
    tls: { caFile: text(ctl, 'cacert') ?? api.caFile, certFile, keyFile: text(ctl, 'keyfile') },
    ...(keyPassword === null ? {} : { keyPassword }),
    insecure: certFile === null,
    auth: readAuth(ctl) ?? api.auth,
  };
}
