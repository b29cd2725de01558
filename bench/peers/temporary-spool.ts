import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A spool folder for one run, gone with its process. */
export function temporarySpool(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spanlog-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
