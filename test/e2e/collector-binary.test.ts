/** Where the Collector is found, in which order, and what is said when there is none. Programs on PATH are stand-ins. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { searchCollector } from '../support/otelcol-binary.ts';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('../../scripts/otelcol.ts', import.meta.url));
const HARNESS = new URL('../support/collector.ts', import.meta.url).href;

const COMPONENTS = 'otlp_http otlp_grpc file nop redaction transform file_storage forward';
/** A program that lists these components, as `otelcol components` does. */
const listing = (components: string): string =>
  components
    .split(' ')
    .map((name) => `echo "    - name: ${name}"`)
    .join('\n');

/** A machine of its own: an empty cache, and nothing on PATH but what a test puts there. */
class Machine implements AsyncDisposable {
  readonly #dir: string;
  readonly env: { HOME: string; PATH: string };

  constructor(dir: string) {
    this.#dir = dir;
    this.env = { HOME: dir, PATH: path.join(dir, 'bin') };
  }

  static async create(): Promise<Machine> {
    const machine = new Machine(await mkdtemp(path.join(tmpdir(), 'spanlog-machine-')));
    await mkdir(machine.env.PATH);
    return machine;
  }

  /** Puts a shell script on PATH; returns its path. The script itself sees the usual commands. */
  async install(name: string, script: string): Promise<string> {
    const file = path.join(this.env.PATH, name);
    await writeFile(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`, { mode: 0o755 });
    return file;
  }

  /** A `go` that takes a moment, notes each build, and makes a file that answers like a Collector. */
  async installGo(): Promise<void> {
    await this.install(
      'go',
      `[ "$1" = build ] || exit 0
       echo build >> "${this.#dir}/builds"
       sleep 0.3
       while [ "$1" != -o ]; do shift; done
       printf '#!/bin/sh\\n' > "$2"; chmod 755 "$2"`,
    );
  }

  async builds(): Promise<number> {
    return (await readFile(path.join(this.#dir, 'builds'), 'utf8')).trim().split('\n').length;
  }

  async cached(): Promise<string[]> {
    return await readdir(path.join(this.#dir, '.cache', 'spanlog'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
  }
}

const onlyWithShell = { skip: process.platform === 'win32' ? 'the stand-ins are shell scripts' : false };

test(
  'R9.1 a Collector on PATH is used, contrib first, and one that lacks components is passed over',
  onlyWithShell,
  async () => {
    await using machine = await Machine.create();
    const core = await machine.install('otelcol', listing(COMPONENTS));
    assert.deepEqual(await searchCollector({ env: machine.env }), { path: core });

    const contrib = await machine.install('otelcol-contrib', listing(COMPONENTS));
    assert.deepEqual(await searchCollector({ env: machine.env }), { path: contrib });

    await machine.install('otelcol-contrib', listing(COMPONENTS.replace('redaction ', '')));
    assert.deepEqual(await searchCollector({ env: machine.env }), { path: core });

    await machine.install('otelcol', 'exit 1');
    const search = await searchCollector({ env: machine.env });
    assert.ok(search.path === undefined);
    assert.ok(
      search.tried.some((reason) => reason.endsWith('otelcol-contrib lacks redaction')),
      search.tried.join(),
    );
  },
);

test('R9.1 OTELCOL_BIN wins, and is an error when it does not run', onlyWithShell, async () => {
  await using machine = await Machine.create();
  await machine.install('otelcol', listing(COMPONENTS));
  const chosen = await machine.install('my-collector', 'exit 0');
  assert.deepEqual(await searchCollector({ env: { ...machine.env, OTELCOL_BIN: chosen } }), { path: chosen });
  await assert.rejects(
    searchCollector({ env: { ...machine.env, OTELCOL_BIN: '/no/such/otelcol' } }),
    /OTELCOL_BIN is \/no\/such\/otelcol, which does not run/,
  );
});

test('R9.1 two processes that need a build at once make one, and it is there for the next', onlyWithShell, async () => {
  await using machine = await Machine.create();
  await machine.installGo();
  const outputs = await Promise.all([1, 2].map(() => run(process.execPath, [SCRIPT], { env: machine.env })));
  const [first, second] = outputs.map(({ stdout }) => stdout.trimEnd().split('\n').at(-1));
  assert.equal(first, second);
  assert.equal(await machine.builds(), 1);
  assert.deepEqual(await searchCollector({ env: machine.env }), { path: first });
  assert.deepEqual(await machine.cached(), [path.basename(first ?? '')], 'neither lock nor half a file is left');
});

test('R9.1 a lock left by a dead process does not hold up a build', onlyWithShell, async () => {
  await using machine = await Machine.create();
  await machine.installGo();
  const { stdout } = await run(process.execPath, [SCRIPT], { env: machine.env });
  const target = stdout.trimEnd();
  await rm(target);
  // No process has this id: the kernel's limit is 2^22.
  await writeFile(`${target}.lock`, '4194305');
  assert.deepEqual(await searchCollector({ env: machine.env, build: true }), { path: target });
});

test(
  'R9.1 without Go the Collector is copied out of the pinned image, and the container removed',
  onlyWithShell,
  async () => {
    await using machine = await Machine.create();
    const log = path.join(machine.env.HOME, 'docker.log');
    await machine.install(
      'docker',
      `echo "$@" | sed 's#/[^ ]*tmp$#FILE#' >> ${log}
     case "$1" in create) echo c0ffee ;; cp) printf '#!/bin/sh\\n' > "$3" ;; esac`,
    );
    const search = await searchCollector({ env: machine.env, build: true });
    if (process.platform !== 'linux') return assert.equal(search.path, undefined);
    assert.ok(search.path !== undefined);
    await run(search.path);
    assert.deepEqual((await readFile(log, 'utf8')).trimEnd().split('\n'), [
      'version --format {{.Server.Version}}',
      'create otel/opentelemetry-collector-contrib:0.155.0',
      'cp c0ffee:/otelcol-contrib FILE',
      'rm c0ffee',
    ]);
  },
);

test('R9.1 with no way to a Collector the script ends with 1 and says what would help', onlyWithShell, async () => {
  await using machine = await Machine.create();
  await assert.rejects(
    run(process.execPath, [SCRIPT], { env: machine.env }),
    (error: Error & { code?: number; stderr?: string }) => {
      assert.equal(error.code, 1);
      assert.match(error.stderr ?? '', /no Go on PATH[\s\S]*install Go/);
      return true;
    },
  );
});

test('R9.1 a missing Collector skips a test with the reason, and fails it with CI set', onlyWithShell, async () => {
  await using machine = await Machine.create();
  const program = `import { requireCollector } from '${HARNESS}'; await requireCollector({ skip: console.log });`;
  const ask = (env: NodeJS.ProcessEnv): ReturnType<typeof run> =>
    run(process.execPath, ['--input-type=module', '--eval', program], { env });
  const { stdout } = await ask(machine.env);
  assert.match(String(stdout), /needs the Collector, see `npm run otelcol` \(.*no otelcol on PATH/);
  await assert.rejects(ask({ ...machine.env, CI: 'true' }), /No OpenTelemetry Collector was found/);
});
