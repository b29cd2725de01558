import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root })];

test('each page that a page links to exists, and each page of docs is linked to', () => {
  const linked = new Set<string>();
  const broken: string[] = [];
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8').replace(/^```[^]*?^```/gm, '');
    for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^\w+:/.test(target)) continue;
      const path = join(dirname(page), target);
      linked.add(path);
      if (!existsSync(join(root, path))) broken.push(`${page}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
  const lonely = pages.filter((page) => page.startsWith('docs/') && !page.includes('decisions') && !linked.has(page));
  assert.deepEqual(lonely, []);
});
