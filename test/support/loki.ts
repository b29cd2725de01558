/** A real Loki for the optional stage (`SPANLOG_E2E_LOKI=1`), with the configuration that docker-compose.yml gives it. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePorts } from './collector.ts';
import { cachedBinaryPath, firstOnPath, goBuild, isExecutable, withBuildLock } from './go-build.ts';

const SOURCE_DIR = fileURLToPath(new URL('../../tools/loki', import.meta.url));
const CONFIG = fileURLToPath(new URL('../../collector-config/loki.yaml', import.meta.url));
/** Loki says "ready" 15 seconds after its start at the earliest. */
const START_TIMEOUT_MS = 60_000;

/** One line that a LogQL query found: its stream's labels together with its structured metadata. */
export interface LokiLine {
  line: string;
  timeUnixNano: bigint;
  labels: Record<string, string>;
}

/** LOKI_BIN, `loki` on PATH, the cache, or a Go build of some minutes. Rejects when none of these works. */
export async function findOrBuildLoki(): Promise<string> {
  const { env } = process;
  const given = env.LOKI_BIN ?? (await firstOnPath('loki', env));
  if (given !== undefined) return path.resolve(given);
  const target = await cachedBinaryPath('loki', await lokiVersion(), SOURCE_DIR, env);
  return await withBuildLock(target, async () => {
    if (await isExecutable(target)) return target;
    const go = await goBuild(target, SOURCE_DIR, 'github.com/grafana/loki/v3/cmd/loki', env);
    if (!go.built) throw new Error(`no Loki: ${go.reason}; set LOKI_BIN, or put loki on PATH`);
    return target;
  });
}

/** The version that `tools/loki` builds, such as `3.7.8`. */
export async function lokiVersion(): Promise<string> {
  const version = /loki\/v3 v(\S+)/.exec(await readFile(path.join(SOURCE_DIR, 'go.mod'), 'utf8'))?.[1];
  if (version === undefined) throw new Error('tools/loki/go.mod requires no Loki');
  return version;
}

/** Starts Loki on free loopback ports; resolves when it is ready. */
export async function startLoki(binary: string): Promise<Loki> {
  const dir = await mkdtemp(path.join(tmpdir(), 'spanlog-loki-'));
  const { otlpHttp: httpPort, otlpGrpc: grpcPort } = await freePorts();
  const child = spawn(binary, [`-config.file=${CONFIG}`, '-config.expand-env=true', '-log.level=warn'], {
    cwd: dir,
    env: {
      ...process.env,
      LOKI_LISTEN_ADDRESS: '127.0.0.1',
      LOKI_HTTP_PORT: String(httpPort),
      LOKI_GRPC_PORT: String(grpcPort),
      LOKI_DIR: dir,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const loki = new Loki(child, dir, `http://127.0.0.1:${httpPort}`);
  try {
    await loki.waitUntilReady();
  } catch (error) {
    await loki[Symbol.asyncDispose]();
    throw error;
  }
  return loki;
}

export class Loki implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #dir: string;
  #stderr = '';

  constructor(child: ChildProcess, dir: string, url: string) {
    this.#child = child;
    this.#dir = dir;
    this.url = url;
    child.stderr
      ?.setEncoding('utf8')
      .on('data', (text: string) => (this.#stderr = (this.#stderr + text).slice(-65_536)));
  }

  async waitUntilReady(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await this.#isReady())) {
      if (this.#child.exitCode !== null) throw new Error(`Loki ended with ${this.#child.exitCode}:\n${this.#stderr}`);
      if (Date.now() > deadline) throw new Error(`Loki was not ready in time:\n${this.#stderr}`);
      await delay(250);
    }
  }

  /** Polls a LogQL query over the last hour until it finds at least `count` lines, oldest first. */
  async waitForLines(logql: string, count: number, timeoutMs = 15_000): Promise<LokiLine[]> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const lines = await this.query(logql);
      if (lines.length >= count) return lines;
      if (Date.now() > deadline) throw new Error(`${lines.length} of ${count} lines for ${logql}:\n${this.#stderr}`);
      await delay(100);
    }
  }

  async query(logql: string): Promise<LokiLine[]> {
    const parameters = new URLSearchParams({ query: logql, since: '1h', direction: 'forward' });
    const response = await fetch(`${this.url}/loki/api/v1/query_range?${parameters.toString()}`);
    if (!response.ok) throw new Error(`${logql} answered ${response.status}: ${await response.text()}`);
    const { data } = (await response.json()) as {
      data: { result: { stream: Record<string, string>; values: [time: string, line: string][] }[] };
    };
    return data.result.flatMap(({ stream, values }) =>
      values.map(([time, line]) => ({ line, timeUnixNano: BigInt(time), labels: stream })),
    );
  }

  /** The label names of the index: what Loki makes streams of. */
  async indexLabels(): Promise<string[]> {
    const response = await fetch(`${this.url}/loki/api/v1/labels?since=1h`);
    const { data = [] } = (await response.json()) as { data?: string[] };
    return data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await exited;
    }
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/ready`, { signal: AbortSignal.timeout(1_000) })).ok;
    } catch {
      // Not listening yet.
      return false;
    }
  }
}
