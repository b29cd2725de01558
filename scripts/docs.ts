/**
 * `npm run docs`: writes the pages that are made from tables in the source. With `--check` it writes nothing and exits
 * with 1 when a page is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { errorsPage, settingsPage } from './docs-pages.ts';

const pages = [
  { path: new URL('../docs/settings.md', import.meta.url), text: settingsPage() },
  { path: new URL('../docs/errors.md', import.meta.url), text: errorsPage() },
];

for (const { path, text } of pages) {
  const name = path.pathname.split('/').slice(-2).join('/');
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
    console.log(`wrote ${name}`);
  } else if (text !== written(path)) {
    console.error(`${name} is stale: run \`npm run docs\`.`);
    process.exitCode = 1;
  }
}

function written(path: URL): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Missing counts as stale.
    return undefined;
  }
}
