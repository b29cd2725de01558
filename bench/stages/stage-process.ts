import { detectResource, readProcessFacts } from '../../src/config/resource.ts';
import { Clock } from '../../src/core/clock.ts';
import { OnceDiag } from '../../src/core/diag.ts';
import { RedactionCounts } from '../../src/core/redaction-counts.ts';
import { otlp } from '../../src/destinations.ts';
import type { Options } from '../../src/index.ts';
import { Hub } from '../../src/logger/hub.ts';
import { LevelTable } from '../../src/logger/level-table.ts';
import { EarlyBuffer } from '../../src/pipeline/early-buffer.ts';
import { RunningLogging } from '../../src/running-logging.ts';
import { readSettings, redactedResource, startPipeline, writeLine } from '../../src/start-pipeline.ts';
import { Load, SLICE_RECORDS } from '../load.ts';
import { EVENT_NAME, LOGGER_NAME } from '../peer.ts';
import type { RunningPeer } from '../peer.ts';
import { median } from '../statistics.ts';
import { PLAIN, STAGES } from './stage-list.ts';

/** What this process is told, and what it answers with. */
export interface StageTask {
  readonly endpoint: string;
  /** Slices of each stage. */
  readonly slices: number;
}

export interface FromStages {
  readonly kind: 'measured';
  /** By the stage's title: ns in a call, the middle of its slices. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Slices that go first, until the compiler has settled, unless fewer are asked for. */
const WARM_UP_SLICES = 10;

/** A whole logging beside others in one process; `register` gives only one. From source, since no entry gives its parts. */
function startLogging(options: Options): { readonly hub: Hub; readonly running: RunningLogging } {
  const diag = new OnceDiag(writeLine);
  const redactions = new RedactionCounts();
  const { settings, origins, reader } = readSettings(options, diag, redactions);
  const clock = new Clock();
  const early = new EarlyBuffer({ reader, attributeLimit: 0, clock, maxBytes: 0, onFirst: () => undefined });
  const hub = new Hub(early, new LevelTable());
  const running = new RunningLogging(hub, diag, settings, { owner: 'processor', redactions });
  const resource = redactedResource(detectResource(settings, readProcessFacts(), 'bench'), reader);
  startPipeline(running, hub, { settings, origins, resource, reader }, clock, diag);
  return { hub, running };
}

process.channel?.ref();
const { endpoint, slices } = JSON.parse(process.argv[2] ?? '') as StageTask;
const load = new Load();
const stages = STAGES.map(({ title, settings }) => {
  const { hub, running } = startLogging({ ...PLAIN, ...settings, destinations: [otlp({ endpoint })] });
  const log = hub.getLogger(LOGGER_NAME);
  const peer: RunningPeer = {
    log: (fields) => log.info(EVENT_NAME, fields),
    debug: (fields) => log.debug(EVENT_NAME, fields),
    drain: () => Promise.resolve(),
  };
  return { title, peer, running, nsPerCall: [] as number[] };
});

// In turn, there and back, so that whatever the machine does meanwhile, and whoever went before, hits all alike.
for (let slice = -Math.min(WARM_UP_SLICES, slices); slice < slices; slice++) {
  for (const { peer, running, nsPerCall } of stages.reverse()) {
    const ns = load.emit(peer, SLICE_RECORDS) / SLICE_RECORDS;
    if (slice >= 0) nsPerCall.push(ns);
    await running.flush();
  }
}
const figures = Object.fromEntries(stages.map(({ title, nsPerCall }) => [title, median(nsPerCall)]));
const answer: FromStages = { kind: 'measured', figures };
// Whoever asked ends this process: no exit hook of a dozen loggings has to be waited for.
process.send?.(answer);
