import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const sources = globSync('src/**/*.ts', { cwd: root }).sort();

/** Rooms by rank: a file imports its own room and lower ranks, never a peer of the same rank in another room. */
const RANKS: readonly (readonly string[])[] = [
  ['core', 'version'],
  ['encode', 'config'],
  ['logger', 'pipeline', 'export', 'destinations'],
  ['bridges', 'http'],
  ['start'],
  ['entry', 'processors', 'register'],
  ['testing', 'dev'],
  ['cli'],
];

/** What is imported from outside under the name of the file; several share a name with the room they open. */
const ENTRIES: ReadonlySet<string> = new Set([
  'index',
  'destinations',
  'bridges',
  'node',
  'express',
  'fastify',
  'koa',
  'hono',
  'fetch',
]);

/** The room of a source file; the files of the composition root make one room, the entries one each. */
function roomOf(file: string): string {
  const parts = file.split('/');
  if (parts.length > 2) return parts[1] as string;
  const name = (parts[1] as string).replace(/\.ts$/, '');
  if (ENTRIES.has(name)) return 'entry';
  return [
    'start',
    'start-sinks',
    'start-pipeline',
    'start-propagation',
    'start-levels',
    'start-recorder',
    'flight-recorder-span-processor',
    'level-control',
    'start-replay',
    'spanlog-processor',
    'running-logging',
    'registry',
    'flush-after',
    'logging',
  ].includes(name)
    ? 'start'
    : name;
}

function rankOf(room: string): number {
  const rank = RANKS.findIndex((rooms) => rooms.includes(room));
  assert.notEqual(
    rank,
    -1,
    `src/${room} has no place in the order of imports: give it one in this test and in docs/architecture.md`,
  );
  return rank;
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [
    ...text.matchAll(/^(?:import|export)[^'";]*?from '(\.[^']+)'|^import '(\.[^']+)'|import\('(\.[^']+)'\)/gm),
  ];
  return found.map((match) => normalize(join(dirname(file), match[1] ?? match[2] ?? (match[3] as string))));
}

test('imports point one way and peers do not import each other', () => {
  const wrong: string[] = [];
  for (const file of sources) {
    const room = roomOf(file);
    for (const imported of importsOf(file)) {
      const other = roomOf(imported);
      if (other === room || rankOf(other) < rankOf(room)) continue;
      wrong.push(`${file} imports ${imported}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('no import cycle exists between files', () => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(!path.includes(file), `cycle: ${[...path, file].join(' → ')}`);
    if (done.has(file)) return;
    for (const imported of importsOf(file).filter((name) => !typeOnly(file, name))) visit(imported, [...path, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
});

/** True when `file` imports `imported` for its types alone, which leaves no trace at run time. */
function typeOnly(file: string, imported: string): boolean {
  const text = readFileSync(join(root, file), 'utf8');
  const name = imported.split('/').at(-1) as string;
  const lines =
    text.match(new RegExp(`^(?:import|export)[^'";]*?from '[^']*/${name.replaceAll('.', '\\.')}'`, 'gm')) ?? [];
  return lines.length > 0 && lines.every((line) => /^(?:import|export) type/.test(line));
}

test('a source file holds one concept: at most 400 lines', () => {
  const long = sources
    .map((file) => [file, readFileSync(join(root, file), 'utf8').split('\n').length] as const)
    .filter(([, lines]) => lines > 400);
  assert.deepEqual(long, []);
});

test('file names are kebab-case and never a drawer for all sorts', () => {
  const wrong = sources.filter((file) =>
    file
      .split('/')
      .some((part) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.ts)?$/.test(part) || /utils|helpers|common|manager/.test(part)),
  );
  assert.deepEqual(wrong, []);
});

test('product code never imports what only development has', () => {
  const shipped = sources.filter((file) => !['dev', 'testing', 'cli'].includes(roomOf(file)));
  const allowed = /^(node:|\.|@opentelemetry\/(api|api-logs)$)/;
  const wrong: string[] = [];
  for (const file of shipped) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [line, name] of text.matchAll(/^(?:import|export)[^'";]*?from '([^']+)'/gm)) {
      if (!allowed.test(name as string) && !line.startsWith('import type')) wrong.push(`${file} imports ${name}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('the version in the source is that of package.json', async () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const { VERSION } = await import('../../src/version.ts');
  assert.equal(VERSION, manifest.version);
});

test('the public names are these', async () => {
  const names = async (entry: string): Promise<string[]> =>
    Object.keys((await import(`../../src/${entry}.ts`)) as object).sort();
  assert.deepEqual(await names('index'), [
    'SettingError',
    'bindContext',
    'defineEvents',
    'defineTransitions',
    'flushAfter',
    'getLogger',
    'mergeEvents',
    'pii',
    'register',
    'secret',
    'timed',
    'withContext',
  ]);
  for (const entry of ['node', 'express', 'fastify', 'koa', 'hono', 'fetch']) {
    assert.deepEqual(await names(entry), ['requestLogging'], entry);
  }
  assert.deepEqual(await names('destinations'), ['auditFile', 'consolePretty', 'jsonLines', 'otlp', 'sdkExporter']);
  assert.deepEqual(await names('bridges'), [
    'bridgeConsole',
    'bridgeDebug',
    'bridgePino',
    'bridgeWarnings',
    'pinoStream',
    'winstonTransport',
  ]);
  assert.deepEqual(await names('testing'), ['assertNoSecrets', 'findSecrets', 'matchers']);
  assert.deepEqual(await names('processors'), [
    'createRedactor',
    'dedupeProcessor',
    'flightRecorderSpanProcessor',
    'rateLimitProcessor',
    'redactionProcessor',
    'samplingProcessor',
    'spanlogProcessor',
  ]);
});
