import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';

/** PEM files: an authority, and a certificate with its key for the server and for a client. */
export type Certificates = {
  readonly caFile: string;
  readonly serverCertFile: string;
  readonly serverKeyFile: string;
  readonly clientCertFile: string;
  readonly clientKeyFile: string;
};

/** Made with openssl, valid for a day; the server's is for one address and `localhost`. */
export async function makeCertificates(
  folder: string,
  { serverAddress }: { readonly serverAddress: string },
): Promise<Certificates> {
  const file = (name: string): string => join(folder, name);
  await openssl('req', '-x509', ...newKey(file('ca.key')), '-subj', '/CN=test authority', '-out', file('ca.crt'));
  for (const [name, subject, extension] of [
    [
      'server',
      '/CN=server',
      `subjectAltName=IP:${serverAddress},DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth`,
    ],
    ['client', '/CN=client', 'extendedKeyUsage=clientAuth'],
  ] as const) {
    await writeFile(file(`${name}.ext`), extension);
    await openssl('req', ...newKey(file(`${name}.key`)), '-subj', subject, '-out', file(`${name}.csr`));
    await openssl(
      ...['x509', '-req', '-days', '1', '-in', file(`${name}.csr`), '-out', file(`${name}.crt`)],
      ...['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file(`${name}.ext`)],
    );
  }
  return {
    caFile: file('ca.crt'),
    serverCertFile: file('server.crt'),
    serverKeyFile: file('server.key'),
    clientCertFile: file('client.crt'),
    clientKeyFile: file('client.key'),
  };
}

function newKey(keyFile: string): readonly string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
}

function openssl(...args: readonly string[]): Promise<string> {
  return run(['openssl', ...args]);
}
