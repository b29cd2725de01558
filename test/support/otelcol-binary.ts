/**
 * Where the real Collector comes from: OTELCOL_BIN, PATH, the cache, a Go build, a container image; in this order.
 *
 * Used by `npm run otelcol`, the tests and the bench.
 */
import { execFile } from 'node:child_process';
import { chmod, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  BUILD_TIMEOUT_MS,
  cachedBinaryPath,
  firstOnPath,
  goBuild,
  isExecutable,
  lastLines,
  PROBE_TIMEOUT_MS,
  withBuildLock,
  writeInPlace,
} from './go-build.ts';

const run = promisify(execFile);

const SOURCE_DIR = fileURLToPath(new URL('../../tools/otelcol', import.meta.url));

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
  if (env.OTELCOL_BIN) return { path: await explicitBinary(env.OTELCOL_BIN) };
  const tried = ['OTELCOL_BIN is not set'];

  const onPath = await binaryOnPath(env, tried);
  if (onPath !== undefined) return { path: onPath };

  const target = await cachedBinaryPath('otelcol', await collectorVersion(), SOURCE_DIR, env);
  if (await isExecutable(target)) return { path: target };
  tried.push(`nothing cached at ${target}`);
  if (options.build !== true) return { path: undefined, tried };

  return await withBuildLock(target, async () => {
    if (await isExecutable(target)) return { path: target };
    options.onProgress?.(`building ${target} with Go; the first time takes a few minutes`);
    const go = await goBuild(target, SOURCE_DIR, '.', env);
    if (go.built) return { path: target };
    tried.push(go.reason);
    if (await copyFromImage(target, env, options, tried)) return { path: target };
    return { path: undefined, tried };
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
  for (const name of ['otelcol-contrib', 'otelcol']) {
    const found = await firstOnPath(name, env);
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
  const docker = async (command: string, ...args: string[]): Promise<string> => {
    const timeout = command === 'create' ? BUILD_TIMEOUT_MS : PROBE_TIMEOUT_MS;
    return (await run('docker', [command, ...args], { env, timeout })).stdout.trim();
  };
  try {
    await docker('version', '--format', '{{.Server.Version}}');
  } catch {
    tried.push('no Docker engine answers');
    return false;
  }
  const image = `otel/opentelemetry-collector-contrib:${await collectorVersion()}`;
  onProgress?.(`copying the Collector out of ${image}`);
  try {
    const container = await docker('create', image);
    try {
      await writeInPlace(target, async (unfinished) => {
        await docker('cp', `${container}:/otelcol-contrib`, unfinished);
        await chmod(unfinished, 0o755);
      });
    } finally {
      await docker('rm', container);
    }
    return true;
  } catch (error) {
    tried.push(`taking it out of ${image} failed: ${lastLines(error)}`);
    return false;
  }
}
