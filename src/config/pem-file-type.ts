import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Complain, SettingType } from './setting-type.ts';

/** A PEM file that was there and could be read. */
export interface PemFile {
  readonly path: string;
  readonly content: Buffer;
}

/**
 * The path of a PEM file, read while the settings are resolved: at the first request nobody looks at the console any
 * more. `examine` throws when the content is not what it should be.
 */
function pemFile(what: string, examine: (content: Buffer) => void): SettingType<PemFile> {
  const read = (path: unknown, complain: Complain): PemFile | undefined => {
    if (typeof path !== 'string' || path.trim() === '') {
      complain({ code: 'SPANLOG_BAD_TYPE', fix: `Give the path of a PEM file with ${what}.` });
      return undefined;
    }
    let content: Buffer;
    try {
      content = readFileSync(resolve(path.trim()));
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'it can’t be read';
      complain({ code: 'SPANLOG_BAD_FILE', fix: `Give the path of a readable PEM file with ${what} (${reason}).` });
      return undefined;
    }
    try {
      examine(content);
    } catch {
      // What OpenSSL says here names neither the file nor the remedy, and may quote the key.
      complain({ code: 'SPANLOG_BAD_FILE', fix: `Give a file in PEM form with ${what}; this one holds none.` });
      return undefined;
    }
    return { path: path.trim(), content };
  };
  return { label: `path of a PEM file: ${what}`, fromCode: read, fromText: read, show: (file) => file.path };
}

export const CERTIFICATE_FILE: SettingType<PemFile> = pemFile(
  'certificates',
  (content) => new X509Certificate(content),
);

export const KEY_FILE: SettingType<PemFile> = pemFile('a private key without passphrase', createPrivateKey);

/** Whether a client's key belongs to its certificate. */
export function belongTogether(certificate: PemFile, key: PemFile): boolean {
  return new X509Certificate(certificate.content).checkPrivateKey(createPrivateKey(key.content));
}
