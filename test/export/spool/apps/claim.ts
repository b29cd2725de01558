/** Claims a folder in `<directory>` and tells how that went. */
import { claimFolder } from '../../../../src/export/spool/owner.ts';
import { SpoolFolderError } from '../../../../src/export/spool/root.ts';

try {
  claimFolder({
    directory: process.argv[2] ?? '',
    group: { service: 'shop', destination: 'main', url: 'http://h:4318/v1/logs' },
  }).release();
  console.log('claimed');
} catch (error) {
  if (!(error instanceof SpoolFolderError)) throw error;
  console.log(`${error.message}\n${error.fix}`);
}
