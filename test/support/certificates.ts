import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Certificates {
  readonly ca: Buffer;
  readonly serverCert: Buffer;
  readonly serverKey: Buffer;
  /** Its common name is `a-client`. */
  readonly clientCert: Buffer;
  readonly clientKey: Buffer;
}

/** An authority made for this run, a certificate of it for 127.0.0.1, and one for a client. Needs the openssl command. */
export function makeCertificates(): Certificates {
  const dir = mkdtempSync(path.join(tmpdir(), 'spanlog-tls-'));
  const file = (name: string): string => path.join(dir, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 20_000 });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const issue = (name: string, commonName: string, extension: string): void => {
    openssl('req', '-new', ...key, '-subj', `/CN=${commonName}`, '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`)); // prettier-ignore
    writeFileSync(file(`${name}.ext`), extension);
    openssl('x509', '-req', '-days', '2', '-in', file(`${name}.csr`), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file(`${name}.ext`), '-out', file(`${name}.pem`)); // prettier-ignore
  };
  try {
    openssl('req', '-x509', '-days', '2', ...key, '-subj', '/CN=spanlog test authority', '-keyout', file('ca.key'), '-out', file('ca.pem')); // prettier-ignore
    issue('server', '127.0.0.1', 'subjectAltName=IP:127.0.0.1');
    issue('client', 'a-client', 'extendedKeyUsage=clientAuth');
    return {
      ca: readFileSync(file('ca.pem')),
      serverCert: readFileSync(file('server.pem')),
      serverKey: readFileSync(file('server.key')),
      clientCert: readFileSync(file('client.pem')),
      clientKey: readFileSync(file('client.key')),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
