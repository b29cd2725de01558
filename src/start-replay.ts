import { setTimeout as delay } from 'node:timers/promises';
import type { Options } from './config/options.ts';
import type { OtlpSettings, Settings } from './config/resolved-settings.ts';
import { OnceDiag } from './core/diag.ts';
import type { WriteLine } from './core/diag.ts';
import { Account } from './core/ledger.ts';
import type { Counts } from './core/ledger.ts';
import type { Scope } from './core/record.ts';
import { ValueMap } from './core/value.ts';
import { createJsonEnvelope, createProtobufEnvelope } from './encode/otlp-request.ts';
import { Backlog } from './export/spool/backlog.ts';
import { createHttpTransport } from './export/http.ts';
import { Queue } from './export/queue.ts';
import { createShipper } from './export/shipper.ts';
import { SYSTEM_FILES } from './export/spool/files.ts';
import { listSpool } from './export/spool/list.ts';
import { claimFolder } from './export/spool/owner.ts';
import { publicUrl, quarantineOf } from './export/spool/root.ts';
import type { SpoolGroup } from './export/spool/root.ts';
import { createSystemTimers } from './export/timers.ts';
import { createPolicy } from './pipeline/redact/policy.ts';
import { readSettings } from './start-pipeline.ts';
import { VERSION } from './version.ts';

/** What lies in the spool of one service and destination. */
export interface SpoolState {
  readonly service: string;
  readonly destination: string;
  /** Where its records were to go. */
  readonly url: string;
  readonly owners: readonly { readonly state: 'running' | 'left' | 'ended'; readonly bytes: number }[];
}

/** What became of the records of one service and destination. */
export interface ReplayResult {
  readonly service: string;
  readonly destination: string;
  /** Where they went. */
  readonly url: string;
  /** `skipped`: they were meant for another endpoint. `stopped`: the other side took nothing any more. */
  readonly status: 'done' | 'skipped' | 'stopped';
  readonly counts: Counts;
}

export interface ReplayOptions {
  /** As `spool.directory`. */
  readonly directory?: string | undefined;
  /** Base URL. Given here, all records go there, wherever they were to go. */
  readonly endpoint?: string | undefined;
  /** Only what this service left. */
  readonly service?: string | undefined;
  /** When the other side has taken nothing for so long, the rest stays where it is. */
  readonly patienceMs: number;
  /** Called when a part is done. */
  readonly onResult: (result: ReplayResult) => void;
  /** Takes diagnostics. */
  readonly write: WriteLine;
}

const NO_SCOPE: Scope = { id: 0, name: '', version: '', schemaUrl: '', attributes: new ValueMap() };
/** How often it is looked how far it is. */
const LOOK_MS = 50;
/** Owners on other machines are judged by two looks, so far apart. */
const CONFIRM_MS = 16_000;

/** What the spool of this user holds. */
export async function inspectSpool(
  options: Pick<ReplayOptions, 'directory' | 'write'>,
): Promise<readonly SpoolState[]> {
  const { settings } = settingsOf(options, new OnceDiag(options.write));
  const groups = await listSpool(settings.spool.directory);
  return groups.map(({ group, owners }) => ({ ...group, owners: owners.filter(({ bytes }) => bytes > 0) }));
}

/**
 * Sends what processes that ended left in the spool, as their next start would.
 *
 * @throws SpoolFolderError when the folder is no spool of this user
 */
export async function replaySpool(options: ReplayOptions): Promise<void> {
  const policy = createPolicy({});
  const diag = new OnceDiag(options.write, (text) => policy.text(text));
  const { settings, otlp } = settingsOf(options, diag);
  for (const { group, owners } of await listSpool(settings.spool.directory)) {
    if (options.service !== undefined && group.service !== options.service) continue;
    if (owners.every(({ state, segments }) => state === 'running' || segments === 0)) continue;
    if (options.endpoint === undefined && group.url !== publicUrl(otlp.url)) {
      options.onResult({ ...group, status: 'skipped', counts: new Account().counts() });
      continue;
    }
    options.onResult(await replayGroup(group, settings, otlp, diag, options.patienceMs));
  }
}

function settingsOf(
  { directory, endpoint }: Pick<ReplayOptions, 'directory' | 'endpoint'>,
  diag: OnceDiag,
): { settings: Settings; otlp: OtlpSettings } {
  const options: Options = {
    destinations: [{ kind: 'otlp', options: endpoint === undefined ? {} : { endpoint } }],
    ...(directory !== undefined && { spool: { directory } }),
  };
  const { settings } = readSettings(options, diag);
  const destination = settings.destinations.find(({ kind }) => kind === 'otlp');
  if (destination?.kind !== 'otlp') throw new Error('there is no OTLP endpoint: unset OTEL_SDK_DISABLED');
  return { settings, otlp: destination.otlp };
}

async function replayGroup(
  group: SpoolGroup,
  settings: Settings,
  otlp: OtlpSettings,
  diag: OnceDiag,
  patienceMs: number,
): Promise<ReplayResult> {
  const { directory, maxAgeMs } = settings.spool;
  const limits = settings.limits;
  const owned = claimFolder({ directory, group });
  const account = new Account();
  const name = group.destination;
  const backlog = new Backlog({
    name,
    account,
    files: SYSTEM_FILES,
    removeFolder: (path) => owned.removeAdopted(path),
    quarantine: quarantineOf(owned.path),
    limits,
    bytesPerSecond: limits.drainBytesPerSecond,
    // It was within the bounds of those who wrote it.
    maxBytes: Infinity,
    maxAgeMs,
    diag,
    timers: createSystemTimers(),
  });
  const queue = new Queue({ ...limits, maxBytes: limits.queueBytes, maxRecords: limits.queueRecords }, account);
  // What is sent brings its own resource and scopes.
  const none = { resource: new ValueMap(), resourceSchemaUrl: '', scopes: () => NO_SCOPE };
  const envelope = otlp.protocol === 'http/json' ? createJsonEnvelope(none) : createProtobufEnvelope(none);
  const transport = createHttpTransport({ ...otlp, version: VERSION, envelope });
  const shipper = createShipper({ name, queue, backlog, transport, diag, batchDelayMs: 0 });
  let stopped = false;
  let last = { settled: -1, at: performance.now() };
  const confirmUntil = performance.now() + CONFIRM_MS;
  for (let isLast = false; !isLast && !stopped;) {
    await backlog.adopt(await owned.adopt());
    isLast = performance.now() > confirmUntil || !(await isWaiting(directory, group));
    while (backlog.hasMore && !stopped) {
      await delay(LOOK_MS);
      const settled = account.delivered + account.rejected + account.droppedTotal;
      if (settled !== last.settled) last = { settled, at: performance.now() };
      stopped = performance.now() - last.at > patienceMs;
    }
    if (!isLast && !stopped) await delay(1_000);
  }
  await shipper.shutdown(0);
  backlog.close();
  owned.release();
  return { ...group, url: otlp.url, status: stopped ? 'stopped' : 'done', counts: account.counts() };
}

/** True while somebody who ended has something that was not taken over. */
async function isWaiting(directory: string, group: SpoolGroup): Promise<boolean> {
  const groups = await listSpool(directory);
  const found = groups.find(
    (other) => other.group.service === group.service && other.group.destination === group.destination,
  );
  return found?.owners.some(({ state, segments }) => state !== 'running' && segments > 0) ?? false;
}
