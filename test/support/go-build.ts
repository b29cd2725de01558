/**
 * Programs built from pinned Go modules, once to a machine, into a cache outside the tree.
 *
 * A `git clean` costs no build, and the name of a cached file holds a hash of everything that goes into the build, so
 * a changed pin can never meet an old binary.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Cold, on two cores, a build takes 2.5 to 5 minutes; a slow line to the module proxy may take far longer. */
export const BUILD_TIMEOUT_MS: number = 20 * 60_000;
/** For `--version` and the like. */
export const PROBE_TIMEOUT_MS = 20_000;
const WINDOWS = process.platform === 'win32';
const EXECUTABLE = WINDOWS ? '.exe' : '';

/** Where the program `name`, built from `sourceDir`, is cached for this platform. The file need not exist yet. */
export async function cachedBinaryPath(
  name: string,
  version: string,
  sourceDir: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const hash = createHash('sha256');
  const inputs = (await readdir(sourceDir))
    .filter((file) => /\.go$|^go\.(mod|sum)$|^manifest\.yaml$/.test(file))
    .sort();
  for (const file of inputs) hash.update(`${file}\0`).update(await readFile(path.join(sourceDir, file)));
  // Platform and architecture, because a home directory may be shared between machines.
  const parts = [name, version, process.platform, process.arch, hash.digest('hex').slice(0, 12)];
  // An empty variable means an unset one, by the base directory specification.
  const given = env.XDG_CACHE_HOME === '' ? undefined : env.XDG_CACHE_HOME;
  const cacheHome = given ?? path.join(env.HOME ?? homedir(), '.cache');
  return path.join(cacheHome, 'spanlog', parts.join('-') + EXECUTABLE);
}

/** Builds `packagePath` of the module in `sourceDir` into `target`; resolves with why not, when it can't. */
export async function goBuild(
  target: string,
  sourceDir: string,
  packagePath: string,
  env: NodeJS.ProcessEnv,
): Promise<{ built: true } | { built: false; reason: string }> {
  try {
    await run('go', ['version'], { env, timeout: PROBE_TIMEOUT_MS });
  } catch {
    return { built: false, reason: 'no Go on PATH' };
  }
  try {
    await writeInPlace(target, async (unfinished) => {
      // Without cgo the binary is static: the same file runs on any distribution of the platform.
      await run('go', ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', unfinished, packagePath], {
        cwd: sourceDir,
        env: { ...env, CGO_ENABLED: '0' },
        timeout: BUILD_TIMEOUT_MS,
        maxBuffer: 64 * 1024 * 1024,
      });
    });
    return { built: true };
  } catch (error) {
    return { built: false, reason: `the Go build failed: ${lastLines(error)}` };
  }
}

/** Lets `write` make a file under a name of its own, then puts it in place at once: no one ever sees half of it. */
export async function writeInPlace(target: string, write: (unfinished: string) => Promise<void>): Promise<void> {
  const unfinished = `${target}.${process.pid}.tmp`;
  try {
    await write(unfinished);
    await rename(unfinished, target);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/**
 * One build of `target` at a time on a machine: two cold builds at once take twice as long and twice the memory.
 * Correctness doesn't rest on it, for a finished file is renamed into place.
 */
export async function withBuildLock<T>(target: string, work: () => Promise<T>): Promise<T> {
  const lockFile = `${target}.lock`;
  await mkdir(path.dirname(target), { recursive: true });
  while (!(await takeLock(lockFile))) await delay(250);
  try {
    return await work();
  } finally {
    await rm(lockFile, { force: true });
  }
}

/** The first file of that name on PATH that may be executed. */
export async function firstOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const dir of (env.PATH ?? '').split(path.delimiter)) {
    const file = path.resolve(dir, name + EXECUTABLE);
    if (dir !== '' && (await isExecutable(file))) return file;
  }
  return undefined;
}

export async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, WINDOWS ? constants.F_OK : constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    // Absent or not ours to run: either way not a candidate.
    return false;
  }
}

/** What a failed command said at the end, or the error itself. */
export function lastLines(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  const text = stderr === '' ? String(error) : stderr;
  return text.split('\n').slice(-5).join('\n    ');
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

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
