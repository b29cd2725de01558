/**
 * Where the real Collector comes from: OTELCOL_BIN, PATH, the cache, a Go build, a container image; in this order.
 *
 * Used by `npm run otelcol`, the tests and the bench. The cache lies outside the tree, so a `git clean` costs no build,
 * and its file name holds a hash of everything that goes into the build, so a changed pin can never meet an old binary.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const SOURCE_DIR = fileURLToPath(new URL('../../tools/otelcol', import.meta.url));
/** Cold, on two cores, a build takes 2.5 minutes; a slow line to the module proxy may take far longer. */
const BUILD_TIMEOUT_MS = 20 * 60_000;
const PROBE_TIMEOUT_MS = 20_000;
const WINDOWS = process.platform === 'win32';
const EXECUTABLE = WINDOWS ? '.exe' : '';

/**
 * Components under the names that `collector-config/` uses. A Collector from PATH may be another distribution, or
 * older than these names; it is passed over rather than failing later on a configuration that is right.
 */
const NEEDED_COMPONENTS = [
  'otlp_http',
  'otlp_grpc',
  'file',
  'nop',
  'redaction',
  'transform',
  'file_storage',
  'forward',
];

export interface CollectorSearchOptions {
  /** Whether to build the Collector, or take it from a container image, when there is none yet. Takes minutes. */
  build?: boolean;
  /** Progress of a build, a line at a time. */
  onProgress?: (line: string) => void;
  env?: NodeJS.ProcessEnv;
}

/** A path, or what was tried and why it did not do. */
export type CollectorSearch = { path: string } | { path: undefined; tried: string[] };

/** The absolute path of a Collector that can run `collector-config/`, or undefined when there is none. */
export async function findCollector(options: CollectorSearchOptions = {}): Promise<string | undefined> {
  return (await searchCollector(options)).path;
}

/**
 * As `findCollector`, with the reasons.
 *
 * Rejects when OTELCOL_BIN names something that does not run: an explicit choice is never replaced in silence.
 */
export async function searchCollector(options: CollectorSearchOptions = {}): Promise<CollectorSearch> {
  const env = options.env ?? process.env;
  const tried: string[] = [];
  if (env.OTELCOL_BIN) return { path: await explicitBinary(env.OTELCOL_BIN) };
  tried.push('OTELCOL_BIN is not set');

  const onPath = await binaryOnPath(env, tried);
  if (onPath !== undefined) return { path: onPath };

  const target = await cachedBinaryPath(env);
  if (await isExecutable(target)) return { path: target };
  tried.push(`nothing cached at ${target}`);
  if (options.build !== true) return { path: undefined, tried };

  return withBuildLock(target, async () => {
    if (await isExecutable(target)) return { path: target };
    const built =
      (await buildWithGo(target, env, options, tried)) || (await copyFromImage(target, env, options, tried));
    return built ? { path: target } : { path: undefined, tried };
  });
}

/** What to tell a person who has no Collector. */
export function missingCollectorMessage(tried: readonly string[]): string {
  return [
    'No OpenTelemetry Collector was found:',
    ...tried.map((reason) => `  - ${reason}`),
    'Any one of these helps:',
    '  - install Go (https://go.dev/dl) and run `npm run otelcol`: builds it once, in a few minutes',
    '  - start Docker and run `npm run otelcol`: takes it out of the contrib image (Linux)',
    '  - install otelcol-contrib 0.155 or later, from',
    '    https://github.com/open-telemetry/opentelemetry-collector-releases/releases, so that it is on PATH',
    '  - set OTELCOL_BIN to the path of a Collector',
  ].join('\n');
}

/** The version that `tools/otelcol` builds, such as `0.155.0`. */
export async function collectorVersion(): Promise<string> {
  const manifest = await readFile(path.join(SOURCE_DIR, 'manifest.yaml'), 'utf8');
  const version = /^ {2}version: (\S+)$/m.exec(manifest)?.[1];
  if (version === undefined) throw new Error('tools/otelcol/manifest.yaml has no dist version');
  return version;
}

async function explicitBinary(given: string): Promise<string> {
  const file = path.resolve(given);
  try {
    await run(file, ['--version'], { timeout: PROBE_TIMEOUT_MS });
  } catch (error) {
    throw new Error(`OTELCOL_BIN is ${given}, which does not run as a Collector: set it to a binary, or unset it`, {
      cause: error,
    });
  }
  return file;
}

async function binaryOnPath(env: NodeJS.ProcessEnv, tried: string[]): Promise<string | undefined> {
  const dirs = (env.PATH ?? '').split(path.delimiter).filter((dir) => dir !== '');
  for (const name of ['otelcol-contrib', 'otelcol']) {
    const found = await firstExecutable(dirs.map((dir) => path.resolve(dir, name + EXECUTABLE)));
    if (found === undefined) {
      tried.push(`no ${name} on PATH`);
      continue;
    }
    const missing = await missingComponents(found);
    if (missing.length === 0) return found;
    tried.push(`${found} lacks ${missing.join(', ')}`);
  }
  return undefined;
}

async function missingComponents(binary: string): Promise<string[]> {
  try {
    const { stdout } = await run(binary, ['components'], { timeout: PROBE_TIMEOUT_MS });
    return NEEDED_COMPONENTS.filter((name) => !new RegExp(`name: ${name}$`, 'm').test(stdout));
  } catch {
    // Not a Collector at all: it lacks everything, which is what the caller then says.
    return NEEDED_COMPONENTS;
  }
}

async function cachedBinaryPath(env: NodeJS.ProcessEnv): Promise<string> {
  const hash = createHash('sha256');
  const inputs = (await readdir(SOURCE_DIR))
    .filter((name) => /\.go$|^go\.(mod|sum)$|^manifest\.yaml$/.test(name))
    .sort();
  for (const name of inputs) hash.update(`${name}\0`).update(await readFile(path.join(SOURCE_DIR, name)));
  // Platform and architecture, because a home directory may be shared between machines.
  const parts = [await collectorVersion(), process.platform, process.arch, hash.digest('hex').slice(0, 12)];
  // An empty variable means an unset one, by the base directory specification.
  const given = env.XDG_CACHE_HOME === '' ? undefined : env.XDG_CACHE_HOME;
  const cacheHome = given ?? path.join(env.HOME ?? homedir(), '.cache');
  return path.join(cacheHome, 'spanlog', `otelcol-${parts.join('-')}${EXECUTABLE}`);
}

async function buildWithGo(
  target: string,
  env: NodeJS.ProcessEnv,
  { onProgress }: CollectorSearchOptions,
  tried: string[],
): Promise<boolean> {
  try {
    await run('go', ['version'], { env, timeout: PROBE_TIMEOUT_MS });
  } catch {
    tried.push('no Go on PATH');
    return false;
  }
  onProgress?.(`building ${target} with Go; the first time takes a few minutes`);
  const unfinished = `${target}.${process.pid}.tmp`;
  try {
    // Without cgo the binary is static: the same file runs on any distribution of the platform.
    await run('go', ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', unfinished, '.'], {
      cwd: SOURCE_DIR,
      env: { ...env, CGO_ENABLED: '0' },
      timeout: BUILD_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
    });
    await rename(unfinished, target);
    return true;
  } catch (error) {
    tried.push(`the Go build failed: ${lastLines(error)}`);
    return false;
  } finally {
    await rm(unfinished, { force: true });
  }
}

/**
 * Copies the Collector out of the contrib image.
 *
 * A copy, not a `docker run` behind the tests' back: a SIGKILL to the docker client leaves its container running, and
 * the tests of the persistent queue kill the Collector that way.
 */
async function copyFromImage(
  target: string,
  env: NodeJS.ProcessEnv,
  { onProgress }: CollectorSearchOptions,
  tried: string[],
): Promise<boolean> {
  if (process.platform !== 'linux') {
    tried.push('Docker images hold Linux binaries, which do not run here');
    return false;
  }
  const docker = async (...args: string[]): Promise<string> =>
    (
      await run('docker', args, { env, timeout: args[0] === 'create' ? BUILD_TIMEOUT_MS : PROBE_TIMEOUT_MS })
    ).stdout.trim();
  try {
    await docker('version', '--format', '{{.Server.Version}}');
  } catch {
    tried.push('no Docker engine answers');
    return false;
  }
  const image = `otel/opentelemetry-collector-contrib:${await collectorVersion()}`;
  const unfinished = `${target}.${process.pid}.tmp`;
  onProgress?.(`copying the Collector out of ${image}`);
  let container: string | undefined;
  try {
    container = await docker('create', image);
    await docker('cp', `${container}:/otelcol-contrib`, unfinished);
    await chmod(unfinished, 0o755);
    await rename(unfinished, target);
    return true;
  } catch (error) {
    tried.push(`taking it out of ${image} failed: ${lastLines(error)}`);
    return false;
  } finally {
    if (container !== undefined) await docker('rm', container);
    await rm(unfinished, { force: true });
  }
}

/**
 * One build at a time on a machine: two cold builds at once take twice as long and twice the memory.
 * Correctness doesn't rest on it, for the finished file is renamed into place.
 */
async function withBuildLock<T>(target: string, work: () => Promise<T>): Promise<T> {
  const lockFile = `${target}.lock`;
  await mkdir(path.dirname(target), { recursive: true });
  while (!(await takeLock(lockFile))) await delay(250);
  try {
    return await work();
  } finally {
    await rm(lockFile, { force: true });
  }
}

async function takeLock(lockFile: string): Promise<boolean> {
  try {
    const handle = await open(lockFile, 'wx');
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
    if (await isAbandoned(lockFile)) await rm(lockFile, { force: true });
    return false;
  }
}

/** A lock whose process is gone, or that is older than a build may take. */
async function isAbandoned(lockFile: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(lockFile);
    if (Date.now() - mtimeMs > BUILD_TIMEOUT_MS) return true;
    const pid = Number(await readFile(lockFile, 'utf8'));
    // Its owner creates the file before writing the pid into it.
    if (!(pid > 0)) return Date.now() - mtimeMs > 5_000;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // ENOENT: released meanwhile. EPERM: the owner lives, under another user.
    return isErrno(error, 'ESRCH');
  }
}

async function firstExecutable(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (await isExecutable(file)) return file;
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, WINDOWS ? constants.F_OK : constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    // Absent or not ours to run: either way not a candidate.
    return false;
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function lastLines(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const text = stderr.trim() === '' ? String(error) : stderr.trim();
  return text.split('\n').slice(-5).join('\n    ');
}
