/**
 * Sends a secret down every road, in a logging that has every kind of destination: `canary.ts <task as JSON>`. Reports what
 * memory held while the records waited, and the ledger.
 */
import { Buffer } from 'node:buffer';
import crypto from 'node:crypto';
import { writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { canariesIn, canary } from '../canary-search.ts';
import type { CanaryReport, CanaryTask } from '../canary-run.ts';

/** No buffer shares its memory with another. */
Buffer.poolSize = 0;
const task = JSON.parse(process.argv[2] ?? '') as CanaryTask;

/** Every buffer that spanlog makes from here on: what waits in memory is bytes, which no heap snapshot shows. */
const buffers: Uint8Array[] = [];
const keep = <T extends Uint8Array>(made: T): T => {
  const [, ...frames] = new Error().stack?.split('\n') ?? [];
  // The application makes buffers as well, and those of Node's streams hold what it writes elsewhere.
  const maker = frames.find((frame) => !frame.includes(import.meta.filename) && !frame.includes('node:buffer'));
  if (maker?.includes('/src/') === true) buffers.push(made);
  return made;
};
for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const) {
  const make = Reflect.get(Buffer, name) as (size: number) => Buffer;
  Reflect.set(Buffer, name, (size: number) => keep(make(size)));
}

globalThis.Uint8Array = new Proxy(Uint8Array, {
  construct(of, given, as) {
    const made = Reflect.construct(of, given, as) as Uint8Array;
    // What is given is the application's, and is looked at where it is.
    return typeof given[0] === 'number' ? keep(made) : made;
  },
});

const { EarlyBuffer } = await import('../../../src/pipeline/early-buffer.ts');
let early = '';
const drain = Reflect.get(EarlyBuffer.prototype, 'drain') as () => unknown[];
Reflect.set(EarlyBuffer.prototype, 'drain', function (this: unknown) {
  const records = drain.call(this);
  early += inspect(records, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity });
  return records;
});

const { auditFile, consolePretty, jsonLines, otlp } = await import('../../../src/destinations.ts');
const { defineEvents, getLogger, register } = await import('../../../src/index.ts');
const { openBridges, ROADS } = await import('./canary-roads.ts');

const EARLY = ['key', 'field', 'message', 'template', 'error', 'child', 'context', 'url', 'map', 'bytes', 'piimarked'];
// Before the settings are known; rules of the user's own come too late for these.
for (const road of EARLY) ROADS[road]?.(canary(road));

const logging = register({
  redact: task.redact && {
    mask: { key: 'hash', path: 'hash' },
    keys: ['internal_note'],
    paths: ['user.address'],
    patterns: { canary: /CNRY-\w+/ },
  },
  level: 'info',
  flightRecorder: { level: 'debug' },
  durability: task.durability,
  spool: { directory: join(task.folder, 'spool'), windowMs: 1 },
  limits: { exitTimeoutMs: 300 },
  resource: { 'db.password': canary('resource'), note: `token=${canary('resource')}` },
  catalogue: defineEvents({
    order_placed: { level: 'info', fields: { street: { type: 'string', class: 'pii' } } },
    user_deleted: { level: 'info', audit: true },
  }),
  catalogueCheck: 'off',
  destinations: [
    otlp({ endpoint: task.url }),
    otlp({ name: 'json', endpoint: task.url, protocol: 'http/json', classes: { pii: 'hash', secret: 'drop' } }),
    otlp({ name: 'stuck', endpoint: task.stuckUrl }),
    jsonLines(),
    consolePretty({ stream: 'stderr' }),
    auditFile({ path: join(task.folder, 'audit.jsonl') }),
  ],
});
openBridges();

async function sendAll(): Promise<void> {
  for (const [road, send] of Object.entries(ROADS)) await send(canary(road));
}
await sendAll();
if (task.faults) {
  const { exec } = RegExp.prototype as { readonly exec: (this: RegExp, text: string) => RegExpExecArray | null };
  RegExp.prototype.exec = function (text) {
    if (this.source.startsWith('CNRY')) throw new Error(`no rule for ${text}`);
    return exec.call(this, text);
  };
  await sendAll();
  RegExp.prototype.exec = exec;
  crypto.createHmac = () => {
    throw new Error('no hashes today');
  };
  syncBuiltinESMExports();
  await sendAll();
}

getLogger('app').info('the_last');
const held = new Set<ArrayBufferLike>();
const memory = new Set<string>();
for (const { buffer } of buffers) {
  if (held.has(buffer)) continue;
  held.add(buffer);
  for (const road of canariesIn(Buffer.from(buffer))) memory.add(road);
}
await logging.flush({ timeoutMs: 500 });
process.on('exit', () => {
  const report: CanaryReport = {
    roads: Object.keys(ROADS),
    ledger: logging.ledger(),
    redactions: logging.redactions(),
    memory: [...memory].sort(),
    bytesHeld: [...held].reduce((sum, { byteLength }) => sum + byteLength, 0),
    early,
  };
  writeSync(3, JSON.stringify(report));
});
