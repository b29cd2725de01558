import assert from 'node:assert/strict';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { build } from 'esbuild';
import type { Ledger } from '../../src/core/ledger.ts';
import { startReceiving } from '../process/receiving.ts';
import { runChild } from '../support/child-process.ts';
import type { Ended } from '../support/child-process.ts';
import { installInto, packPackage } from '../support/pack.ts';
import type { PackedPackage } from '../support/pack.ts';
import { assertJsonLines, assertLogged, assertNoSecrets } from './logged.ts';
import {
  APPLICATIONS,
  TYPED_APPLICATION,
  TYPED_SDK_APPLICATION,
  TYPED_SUBPATHS_APPLICATION,
  TEST_RUNNER_TYPES,
  TYPED_TESTING_APPLICATION,
} from './applications.ts';
import type { Application } from './applications.ts';

const root = join(import.meta.dirname, '..', '..');
const nodeOf = (name: string): string => join(root, 'node_modules', name, 'bin', 'node');

/** The floor, the one in development, and the newest. */
const NODES = { 'v22.15': nodeOf('node-22'), v24: nodeOf('node'), v26: nodeOf('node-26') } as const;

const CURRENT_API = '@opentelemetry/api@1.10';
const OLDER_API = '@opentelemetry/api@1.9';
const SDK = ['@opentelemetry/sdk-logs@3.1', '@opentelemetry/exporter-logs-otlp-http@0.301'];

/** Nowhere: what is asked for is whether it loads. */
const SILENT = { SPANLOG_DESTINATIONS: 'none' };

interface Way {
  readonly name: string;
  readonly file: Application;
  readonly flags?: readonly string[];
  /** Has no handle to report a ledger with. */
  readonly unreported?: boolean;
}

const WAYS: readonly Way[] = [
  { name: 'import', file: 'import.mjs' },
  { name: 'require', file: 'require.cjs' },
  {
    name: '--import spanlog/register',
    file: 'preloaded.mjs',
    flags: ['--import', 'spanlog/register'],
    unreported: true,
  },
  {
    name: '--require spanlog/register',
    file: 'preloaded.cjs',
    flags: ['--require', 'spanlog/register'],
    unreported: true,
  },
  { name: 'import and require in one process', file: 'both.mjs' },
];

/** What each subpath exports, in both formats. */
const EXPORTS: Readonly<Record<string, readonly string[]>> = {
  '.': [
    ...['SettingError', 'bindContext', 'defineEvents', 'defineTransitions', 'flushAfter', 'getLogger', 'mergeEvents'],
    ...['pii', 'register', 'secret', 'timed', 'withContext'],
  ],
  './register': [],
  './processors': [
    ...['createRedactor', 'dedupeProcessor', 'flightRecorderSpanProcessor', 'rateLimitProcessor'],
    ...['redactionProcessor', 'samplingProcessor', 'spanlogProcessor'],
  ],
  './testing': ['assertNoSecrets', 'findSecrets', 'matchers'],
  './destinations': ['auditFile', 'consolePretty', 'jsonLines', 'otlp', 'sdkExporter'],
  './bridges': ['bridgeConsole', 'bridgeDebug', 'bridgePino', 'bridgeWarnings', 'pinoStream', 'winstonTransport'],
  './node': ['requestLogging'],
  './express': ['requestLogging'],
  './fastify': ['requestLogging'],
  './koa': ['requestLogging'],
  './hono': ['requestLogging'],
  './fetch': ['requestLogging'],
};

const BUNDLES: readonly (readonly [file: Application, format: 'esm' | 'cjs'])[] = [
  ['import.mjs', 'esm'],
  ['import.mjs', 'cjs'],
  ['imports-register.mjs', 'esm'],
  ['imports-register.mjs', 'cjs'],
];

describe('the packed package', () => {
  let directory = '';
  let packed: PackedPackage;
  /** A project with the newest API, with the oldest supported one, with the SDK; and a folder without node_modules. */
  let project = '';
  let olderProject = '';
  let sdkProject = '';
  let bundles = '';

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'spanlog-package-'));
    packed = await packPackage(directory);
    [project, olderProject, sdkProject] = await Promise.all([
      installInto(join(directory, 'project'), [packed.tarball, CURRENT_API]),
      installInto(join(directory, 'older-project'), [packed.tarball, OLDER_API]),
      installInto(join(directory, 'sdk-project'), [packed.tarball, CURRENT_API, ...SDK]),
    ]);
    for (const [name, text] of Object.entries(APPLICATIONS)) {
      for (const folder of [project, olderProject, sdkProject]) writeFileSync(join(folder, name), text);
    }
    bundles = join(directory, 'bundles');
    mkdirSync(bundles);
    for (const [file, format] of BUNDLES) {
      const outfile = join(bundles, bundleName(file, format));
      const input = { entryPoints: [join(project, file)], outfile, format, absWorkingDir: project };
      await build({ ...input, bundle: true, minify: true, platform: 'node', target: 'node22.15', logLevel: 'silent' });
    }
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  test('holds what is built and four documents, nothing else', (t) => {
    const { files, bytes, unpackedBytes } = packed;
    t.diagnostic(
      `${(bytes / 1024).toFixed(0)} KiB packed, ${(unpackedBytes / 1024).toFixed(0)} KiB unpacked, ${files.length} files`,
    );
    const documents = files.filter((file) => !file.startsWith('dist/'));
    assert.deepEqual(documents.sort(), ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
    const strange = files.filter(
      (file) => file.startsWith('dist/') && !/\.(mjs|cjs|d\.mts|d\.cts)(\.map)?$/.test(file),
    );
    assert.deepEqual(strange, []);
  });

  test('every path in its exports exists', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: unknown };
    const paths = JSON.stringify(manifest.exports).match(/\.\/[\w./-]+\.(mjs|cjs|d\.mts|d\.cts)/g) ?? [];
    assert.ok(paths.length >= 16);
    assert.deepEqual(
      paths.filter((path) => !packed.files.includes(path.slice(2))),
      [],
    );
  });

  test('was built from shipped sources only: no tests, no development receiver', () => {
    const installed = join(project, 'node_modules', 'spanlog');
    const sources = globSync('dist/**/*.map', { cwd: installed }).flatMap(
      (file) => (JSON.parse(readFileSync(join(installed, file), 'utf8')) as { sources: string[] }).sources,
    );
    assert.ok(sources.some((source) => source.endsWith('/start.ts')));
    assert.deepEqual(
      sources.filter((source) => /\/(test|dev|bench|scripts)\//.test(source)),
      [],
    );
  });

  test('brings one other package with it, besides the peer', () => {
    const installed = globSync(['*/package.json', '@*/*/package.json'], { cwd: join(project, 'node_modules') });
    assert.deepEqual(installed.map(dirname).sort(), ['@opentelemetry/api', '@opentelemetry/api-logs', 'spanlog']);
  });

  for (const [version, node] of Object.entries(NODES)) {
    describe(`R10.1 on Node ${version}`, { concurrency: 2 }, () => {
      for (const way of WAYS) {
        test(`R10.1 on Node ${version} by ${way.name} every record arrives, and nothing warns`, async (t) => {
          await assertDelivers(t, node, project, [...(way.flags ?? []), way.file], way.unreported);
        });
      }

      for (const [file, format] of BUNDLES) {
        test(`R10.1 on Node ${version} bundled into one ${format} file, from ${file}, every record arrives`, async (t) => {
          assert.ok(!existsSync(join(bundles, 'node_modules')));
          await assertDelivers(t, node, bundles, [bundleName(file, format)], file === 'imports-register.mjs');
        });
      }

      test(`R10.1 on Node ${version} every subpath can be imported and required, side by side`, async () => {
        const end = await runChild({ command: node, args: ['subpaths.mjs'], cwd: project, env: SILENT });
        assertQuiet(end);
        const both = Object.entries(EXPORTS).map(([path, names]) => [path, { imported: names, required: names }]);
        assert.deepEqual(JSON.parse(end.stdout), Object.fromEntries(both));
      });

      for (const file of ['import.mjs', 'require.cjs'] as const) {
        test(`R7.5 on Node ${version} without an endpoint ${file} prints JSON lines`, async () => {
          const end = await runChild({ command: node, args: [file], cwd: project });
          assertQuiet(end);
          assertJsonLines(end.stdout);
          assertLedger(end);
        });
      }

      test(`R10.1 on Node ${version} destinations given in code are used: OTLP/JSON with gzip, and lines`, async (t) => {
        const receiver = await startReceiving(t);
        const args = ['explicit-destinations.mjs', receiver.url];
        const end = await runChild({ command: node, args, cwd: project });
        assertQuiet(end);
        assertLogged(receiver);
        assertJsonLines(end.stdout);
        assertLedger(end, 2);
      });

      test(`R10.1 it really is Node ${version}`, async () => {
        const { stdout } = await runChild({ command: node, args: ['--version'] });
        assert.ok(stdout.startsWith(`${version}.`), stdout);
      });
    });
  }

  for (const way of WAYS) {
    test(`R10.1 with ${OLDER_API}, by ${way.name} every record arrives`, async (t) => {
      await assertDelivers(t, NODES.v24, olderProject, [...(way.flags ?? []), way.file], way.unreported);
    });
  }

  for (const file of ['processors.mjs', 'processors.cjs'] as const) {
    test(`R4.1 ${file}: the stages redact in the official pipeline`, async (t) => {
      const receiver = await startReceiving(t);
      const end = await runChild({ args: [file], cwd: sdkProject, env: receiver.env });
      assertQuiet(end);
      assert.deepEqual(receiver.events(), ['order_placed', 'payment_failed']);
      assert.equal(receiver.records()[0]?.attributes.amount, 129.95);
      assertNoSecrets(receiver);
    });
  }

  test('R10.1 the example of the README runs as it is written there', async () => {
    const [, example] = /```js\n(\/\/ app\.mjs\n[^]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
    const [, command] =
      /```sh\nnode (--import \S+ app\.mjs)\n```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
    assert.ok(example !== undefined && command !== undefined);
    writeFileSync(join(project, 'app.mjs'), example);
    const end = await runChild({ args: command.split(' '), cwd: project });
    assertQuiet(end);
    assert.equal(end.stdout.trimEnd().split('\n').length, 2);
    assert.match(end.stdout, /"event":"order_placed","request_id":"req-42"/);
    assert.doesNotMatch(end.stdout, /4111/);
  });

  describe('its types compile in a project of the user', { concurrency: 2 }, () => {
    const strict = { strict: true, skipLibCheck: false, noEmit: true, target: 'es2022', lib: ['es2022'], types: [] };
    const projects: Readonly<Record<string, readonly [file: string, options: object]>> = {
      'nodenext, as ESM': ['typed.mts', { module: 'nodenext' }],
      'nodenext, as CommonJS': ['typed.cts', { module: 'nodenext' }],
      'bundler resolution': ['typed.ts', { module: 'esnext', moduleResolution: 'bundler' }],
      'exact optional properties': ['typed.mts', { module: 'nodenext', exactOptionalPropertyTypes: true }],
    };
    for (const [name, [file, options]] of Object.entries(projects)) {
      test(`with ${name}, with every declaration checked and no @types/node`, async () => {
        await assertCompiles(join(directory, `types ${name}`), project, [file], TYPED_APPLICATION, {
          ...strict,
          ...options,
        });
      });
    }
    const node = { types: ['node'], typeRoots: [join(root, 'node_modules', '@types')] };
    const everywhere: Readonly<Record<string, readonly [files: readonly string[], options: object]>> = {
      'nodenext, as ESM and as CommonJS': [['typed.mts', 'typed.cts'], { module: 'nodenext' }],
      // Finds the declarations that ESM finds: to check each of them again would tell nothing.
      'bundler resolution': [['typed.ts'], { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: true }],
    };
    for (const [name, [files, options]] of Object.entries(everywhere)) {
      test(`with @types/node alone: bridges and request logging, with ${name}`, async () => {
        const folder = join(directory, `subpaths ${name}`);
        await assertCompiles(folder, project, files, TYPED_SUBPATHS_APPLICATION, { ...strict, ...node, ...options });
      });
    }
    test('R11.6 with nothing else: what tests ask, and the matcher as the page on privacy declares it', async () => {
      const page = readFileSync(join(root, 'docs', 'privacy.md'), 'utf8');
      const example =
        /```ts\n(import \{ expect \} from 'vitest';\n[^]*?)```/.exec(page)?.[1] ?? assert.fail('no example');
      const folder = join(directory, 'types for tests');
      const text = `${example}\n${TYPED_TESTING_APPLICATION}`;
      const paths = { vitest: ['./vitest.d.ts'] };
      mkdirSync(folder);
      writeFileSync(join(folder, 'vitest.d.ts'), TEST_RUNNER_TYPES);
      const options = { ...strict, module: 'nodenext', paths };
      await assertCompiles(folder, project, ['typed.mts', 'typed.cts'], text, options);
    });
    test('with @opentelemetry/sdk-logs: processors and exporters fit together', async () => {
      const options = { ...strict, ...node, module: 'nodenext' };
      await assertCompiles(
        join(directory, 'types with SDK'),
        sdkProject,
        ['typed.mts'],
        TYPED_SDK_APPLICATION,
        options,
      );
    });
  });

  /** Type-checks a text under each of the names in a project of its own, into which the installed packages are copied. */
  async function assertCompiles(
    folder: string,
    installed: string,
    files: readonly string[],
    text: string,
    compilerOptions: object,
  ): Promise<void> {
    mkdirSync(folder, { recursive: true });
    cpSync(join(installed, 'node_modules'), join(folder, 'node_modules'), { recursive: true });
    for (const file of files) writeFileSync(join(folder, file), text);
    writeFileSync(join(folder, 'package.json'), '{}');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { code, stdout } = await runChild({ args: [tsc, '--project', folder], cwd: folder });
    assert.equal(code, 0, stdout);
  }
});

function bundleName(file: Application, format: 'esm' | 'cjs'): string {
  return file.replace('.mjs', format === 'esm' ? '.bundle.mjs' : '.bundle.cjs');
}

/** Runs an application against a collector of its own and looks at all it did. */
async function assertDelivers(
  t: TestContext,
  node: string,
  cwd: string,
  args: readonly string[],
  unreported = false,
): Promise<void> {
  const receiver = await startReceiving(t);
  const end = await runChild({ command: node, args, cwd, env: receiver.env });
  assertQuiet(end);
  assert.equal(end.stdout, '');
  assertLogged(receiver);
  if (!unreported) assertLedger(end);
}

/** No warning of Node, experimental or other, and none of ours. */
function assertQuiet(end: Ended): void {
  assert.equal(end.stderr, '');
  assert.deepEqual({ code: end.code, signal: end.signal }, { code: 0, signal: null });
}

function assertLedger(end: Ended, destinations = 1): void {
  const ledger = JSON.parse(end.report) as Ledger;
  assert.equal(ledger.balanced, true);
  assert.equal(ledger.delivered, 2 * destinations);
  assert.equal(ledger.emitted, 2 * destinations);
}
