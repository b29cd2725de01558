import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '../support/certificates.ts';

/**
 * A folder with `test-client.cert.pem`, its `test-client.key.pem`, the `test-other.key.pem` that does not belong to it,
 * and `no-pem.txt`. Made for this run, so that no key lies in the repository.
 */
export const PEM_FOLDER: string = mkdtempSync(join(tmpdir(), 'spanlog-pem-'));
process.once('exit', () => rmSync(PEM_FOLDER, { recursive: true, force: true }));

const { clientCert, clientKey, serverKey } = makeCertificates();
writeFileSync(join(PEM_FOLDER, 'test-client.cert.pem'), clientCert);
writeFileSync(join(PEM_FOLDER, 'test-client.key.pem'), clientKey);
writeFileSync(join(PEM_FOLDER, 'test-other.key.pem'), serverKey);
writeFileSync(join(PEM_FOLDER, 'no-pem.txt'), 'This is no PEM file.\n');
