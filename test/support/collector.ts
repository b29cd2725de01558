/**
 * A real Collector for the end-to-end tests and the bench: started on free loopback ports, read through its `file`
 * exporter and its own metrics, killed and restarted at will, gone with the test.
 *
 * Ports, directories and limits reach the Collector as the environment variables that the files in
 * `collector-config/` read, so those files run here as they are shipped.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { flattenLine } from './collector-records.ts';
import type { FlatLogRecord } from './collector-records.ts';
import { missingCollectorMessage, searchCollector } from './otelcol-binary.ts';

export type { AnyValueKind, DecodedMap, DecodedValue, FlatLogRecord } from './collector-records.ts';

export interface CollectorOptions {
  /** The Collector to run; `requireCollector` gives it. Searched for when left out. */
  binary?: string;
  /** Instead of the built-in configuration; merged in this order, as `--config` flags are. */
  configFiles?: readonly string[];
  /** YAML texts, merged after the files (or after the built-in configuration when there are no files). */
  configYaml?: readonly string[];
  /** Receive and throw away: for benchmarks, where the file would be what is measured. */
  nop?: boolean;
  /** Added last, so it wins over what the harness sets. */
  env?: Readonly<Record<string, string>>;
  /** How long a start may take until the health check answers; 20 s when left out. */
  startTimeoutMs?: number;
}

interface Ports {
  otlpHttp: number;
  otlpGrpc: number;
  health: number;
  metrics: number;
}

const KEPT_STDERR_CHARS = 64 * 1024;
const POLL_MS = 15;

/** OTLP over HTTP and gRPC into a file that is flushed at once. Appending, so that a restart keeps what was there. */
const BUILT_IN = (exporter: 'file' | 'nop'): string => `
extensions:
  health_check: { endpoint: '\${env:OTELCOL_HEALTH_ENDPOINT}' }
receivers:
  otlp:
    protocols:
      http: { endpoint: '\${env:OTELCOL_OTLP_HTTP_ENDPOINT}' }
      grpc: { endpoint: '\${env:OTELCOL_OTLP_GRPC_ENDPOINT}' }
exporters:
  nop:
  file: { path: '\${env:OTELCOL_FILE}', append: true, flush_interval: 10ms }
service:
  extensions: [health_check]
  telemetry:
    logs: { level: warn }
    metrics:
      readers: [{ pull: { exporter: { prometheus: { host: 127.0.0.1, port: '\${env:OTELCOL_METRICS_PORT}' } } } }]
  pipelines:
    logs: { receivers: [otlp], exporters: [${exporter}] }
    traces: { receivers: [otlp], exporters: [nop] }
`;

/** Children to end if the test process itself ends early: an orphan would hold its ports until someone notices. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * The Collector's path, or undefined after skipping the test with the reason. With CI set, a missing Collector is
 * built where possible and otherwise fails the test: there, nothing end to end may pass by not running.
 */
export async function requireCollector(t: Pick<TestContext, 'skip'>): Promise<string | undefined> {
  const inCi = /^(true|1)$/i.test(process.env.CI ?? '');
  const search = await searchCollector({ build: inCi });
  if (search.path !== undefined) return search.path;
  const message = missingCollectorMessage(search.tried);
  if (inCi) throw new Error(message);
  t.skip(`needs the Collector, see \`npm run otelcol\` (${search.tried.join('; ')})`);
  return undefined;
}

/** Starts a Collector and resolves once its health check answers. Rejects with its stderr when it doesn't come up. */
export async function startCollector(options: CollectorOptions = {}): Promise<Collector> {
  const binary = options.binary ?? (await foundBinary());
  const dir = await mkdtemp(path.join(tmpdir(), 'spanlog-otelcol-'));
  try {
    const configs = await writeConfigs(options, dir);
    for (let attempt = 1; ; attempt++) {
      const collector = new Collector(binary, configs, dir, await freePorts(), options);
      try {
        await collector.start();
        return collector;
      } catch (error) {
        await collector.kill();
        // Between our choosing a free port and the Collector taking it, someone else may have.
        if (attempt < 3 && collector.stderr.includes('address already in use')) continue;
        throw error;
      }
    }
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

/** A running Collector. `await using` stops it and removes its files. */
export class Collector implements AsyncDisposable {
  /** Base URL for OTEL_EXPORTER_OTLP_ENDPOINT with an http protocol. */
  readonly otlpHttp: string;
  /** The same for gRPC. */
  readonly otlpGrpc: string;
  readonly health: string;
  /** Where records end up; with configuration files, only if they use the `file` backend. */
  readonly outFile: string;
  /** Holds the storage of persistent queues, the written configuration and `outFile`. */
  readonly dir: string;

  readonly #binary: string;
  readonly #configs: readonly string[];
  readonly #ports: Ports;
  readonly #env: Record<string, string>;
  readonly #startTimeoutMs: number;
  readonly #records: FlatLogRecord[] = [];
  #readBytes = 0;
  #partialLine: Buffer = Buffer.alloc(0);
  #child: ChildProcess | undefined;
  #stderr = '';

  constructor(binary: string, configs: readonly string[], dir: string, ports: Ports, options: CollectorOptions) {
    this.#binary = binary;
    this.#configs = configs;
    this.#ports = ports;
    this.#startTimeoutMs = options.startTimeoutMs ?? 20_000;
    this.dir = dir;
    this.otlpHttp = `http://127.0.0.1:${ports.otlpHttp}`;
    this.otlpGrpc = `http://127.0.0.1:${ports.otlpGrpc}`;
    this.health = `http://127.0.0.1:${ports.health}`;
    this.#env = {
      OTELCOL_OTLP_HTTP_ENDPOINT: `127.0.0.1:${ports.otlpHttp}`,
      OTELCOL_OTLP_GRPC_ENDPOINT: `127.0.0.1:${ports.otlpGrpc}`,
      OTELCOL_HEALTH_ENDPOINT: `127.0.0.1:${ports.health}`,
      OTELCOL_METRICS_PORT: String(ports.metrics),
      OTELCOL_STORAGE_DIR: path.join(dir, 'storage'),
      OTELCOL_FILE: path.join(dir, 'out.jsonl'),
      ...options.env,
    };
    this.outFile = this.#env.OTELCOL_FILE ?? '';
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What the Collector has said, its last 64 KiB. */
  get stderr(): string {
    return this.#stderr;
  }

  /** After `kill`, starts again on the same ports and the same files. */
  async restart(): Promise<void> {
    await this.kill('SIGTERM');
    await this.start();
  }

  /** Resolves when the health check answers; rejects when the process ends before, or the time is up. */
  async start(): Promise<void> {
    const child = spawn(
      this.#binary,
      this.#configs.map((file) => `--config=${file}`),
      {
        // The working directory is the harness's own, so that a relative path in a configuration leaves nothing behind.
        cwd: this.dir,
        env: { ...process.env, ...this.#env },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    this.#child = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    let failure: Error | undefined;
    child.once('error', (error) => (failure = error));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR_CHARS);
    });
    const deadline = Date.now() + this.#startTimeoutMs;
    while (!(await this.isHealthy())) {
      if (failure !== undefined) throw failure;
      if (hasEnded(child)) throw new Error(`the Collector ended with ${child.exitCode}:\n${this.#stderr}`);
      if (Date.now() > deadline) throw new Error(`the Collector was not ready in time:\n${this.#stderr}`);
      await delay(POLL_MS);
    }
  }

  async isHealthy(): Promise<boolean> {
    try {
      return (await fetch(this.health, { signal: AbortSignal.timeout(1_000) })).ok;
    } catch {
      // Nothing listens yet, or any more.
      return false;
    }
  }

  /** Ends the process (SIGKILL when not said otherwise) and waits until it is gone. The files stay. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || hasEnded(child)) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    // A Collector with a stalled exporter takes its time to shut down; a test must not.
    const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await exited;
    clearTimeout(patience);
  }

  /** Shuts down in order, so that everything accepted is written, and removes the files. */
  async stop(): Promise<void> {
    await this.kill('SIGTERM');
    await rm(this.dir, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** All records written so far, in the order of arrival. Reads only what was added since the last call. */
  async records(): Promise<FlatLogRecord[]> {
    const added = await readFrom(this.outFile, this.#readBytes);
    this.#readBytes += added.length;
    const bytes = Buffer.concat([this.#partialLine, added]);
    // The last line may be half written: it waits for its newline.
    const end = bytes.lastIndexOf(0x0a) + 1;
    this.#partialLine = bytes.subarray(end);
    for (const line of bytes.subarray(0, end).toString('utf8').split('\n')) {
      if (line !== '') for (const record of flattenLine(line)) this.#records.push(record);
    }
    return [...this.#records];
  }

  /** Resolves with all records once there are at least `count`; rejects after `timeoutMs`, saying how many there are. */
  async waitForRecords(count: number, timeoutMs = 10_000): Promise<FlatLogRecord[]> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const records = await this.records();
      if (records.length >= count) return records;
      if (Date.now() > deadline) {
        throw new Error(
          `${records.length} of ${count} records after ${timeoutMs} ms; the Collector says:\n${this.#stderr}`,
        );
      }
      await delay(POLL_MS);
    }
  }

  /**
   * One of the Collector's own counters, summed over its label sets; 0 when it has not been counted yet.
   * `otelcol_receiver_accepted_log_records` is what it took from applications since its start.
   */
  async metric(name: string): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${this.#ports.metrics}/metrics`);
    const samples = (await response.text()).matchAll(/^(\w+)(?:\{.*\})? (\S+)$/gm);
    return [...samples].filter((sample) => sample[1] === name).reduce((sum, sample) => sum + Number(sample[2]), 0);
  }

  /** Resolves once a counter has reached `atLeast`; rejects after `timeoutMs`. */
  async waitForMetric(name: string, atLeast: number, timeoutMs = 10_000): Promise<number> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const value = await this.metric(name);
      if (value >= atLeast) return value;
      if (Date.now() > deadline) throw new Error(`${name} is ${value} after ${timeoutMs} ms:\n${this.#stderr}`);
      await delay(POLL_MS);
    }
  }

  /** How many log records the OTLP receiver has accepted since the process started; works with `nop` too. */
  acceptedRecords(): Promise<number> {
    return this.metric('otelcol_receiver_accepted_log_records');
  }
}

/** Four free ports. Held together, so that they differ, then let go for the Collector. */
export async function freePorts(): Promise<Ports> {
  const servers = Array.from({ length: 4 }, () => createServer().listen(0, '127.0.0.1'));
  const ports = await Promise.all(
    servers.map(async (server) => {
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
      return address.port;
    }),
  );
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  const [otlpHttp = 0, otlpGrpc = 0, health = 0, metrics = 0] = ports;
  return { otlpHttp, otlpGrpc, health, metrics };
}

async function foundBinary(): Promise<string> {
  const search = await searchCollector();
  if (search.path === undefined) throw new Error(missingCollectorMessage(search.tried));
  return search.path;
}

async function writeConfigs(options: CollectorOptions, dir: string): Promise<string[]> {
  const files = (options.configFiles ?? []).map((file) => path.resolve(file));
  const texts = [...(options.configYaml ?? [])];
  if (files.length === 0) texts.unshift(BUILT_IN(options.nop === true ? 'nop' : 'file'));
  for (const [index, text] of texts.entries()) {
    const file = path.join(dir, `config-${index}.yaml`);
    await writeFile(file, text);
    files.push(file);
  }
  return files;
}

async function readFrom(file: string, offset: number): Promise<Buffer> {
  const handle = await open(file).catch((error: unknown) => {
    // The exporter creates its file when it starts: no file yet means no records yet.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (handle === undefined) return Buffer.alloc(0);
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.max(0, size - offset));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
