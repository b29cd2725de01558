import type { SpanContext } from '@opentelemetry/api';
import { ByteWriter } from '../core/byte-writer.ts';
import type { Clock, TimeSource } from '../core/clock.ts';
import { appendField, attributeOf, copyRecord, createRecord } from '../core/record.ts';
import type { LogRecord, Scope } from '../core/record.ts';
import type { EndedSpan, Recorder, Recording } from '../core/recorder.ts';
import type { Sink } from '../core/sink.ts';
import { completeRecord } from './complete-record.ts';
import type { Completion } from './complete-record.ts';
import { CHUNK_BYTES, ChunkPool, ENTRY, ENTRY_HEAD_BYTES, Ring } from './ring.ts';
import { roughBytes } from './rough-bytes.ts';
import { sortSinks } from './sorted-sinks.ts';
import type { EncoderGroup, SortedSinks } from './sorted-sinks.ts';

export interface FlightRecorderParts extends Completion {
  /** Lowest severity that is held. */
  readonly level: number;
  /** Of one ring; and what passes after a release. */
  readonly maxBytes: number;
  /** Of all rings. */
  readonly totalBytes: number;
  /** How long a record is held, give or take an eighth. */
  readonly maxAgeMs: number;
  /** From this duration on a scope is released; Infinity for never. */
  readonly slowMs: number;
  readonly sinks: readonly Sink[];
  /** By id. */
  readonly scopes: readonly Scope[];
  readonly clock: Clock;
  readonly time: TimeSource;
  /** Runs `run` once, later, and does not keep the process for it. Returns how to call it off. */
  after(delayMs: number, run: () => void): () => void;
}

/** On each record that was held: why one below the level is there, and that its like are not to be counted. */
const RECORDED = 'spanlog.recorded';

/** Traces that are remembered; they have a scope of their own most often. */
const MAX_TRACES = 8_192;
/** A larger one is let go after the record that needed it. */
const MAX_SCRATCH_BYTES = 256 * 1_024;
const SWEEPS_PER_AGE = 8;

/** What is held of one scope, or of one trace outside of all scopes. */
interface HeldRecords extends Recording {
  /** There is one while something is in it. */
  ring: Ring | undefined;
  /** Bytes that pass without being held, since an ERROR has released what was before them. */
  passBytes: number;
  /** Nothing will tell of its end, or it has been told: what it holds gives way first. */
  isLeft: boolean;
  /** The trace of the record that came last. */
  traceId: string;
  touchedMs: number;
}

/** @param traceId empty for a scope */
function createHeldRecords(nowMs: number, traceId: string): HeldRecords {
  const isLeft = traceId !== '';
  return { startedMs: nowMs, ring: undefined, passBytes: 0, isLeft, traceId, touchedMs: nowMs };
}

/**
 * The flight recorder: a ring of encoded, redacted records for each scope, bounded in bytes and time. What gives way to new
 * records is the oldest of their ring; when all rings together are full, the oldest ring, one that nobody will end first.
 */
export class FlightRecorder implements Recorder {
  readonly level: number;
  readonly #parts: FlightRecorderParts;
  readonly #groups: readonly EncoderGroup[];
  readonly #sinks: SortedSinks;
  readonly #headBytes: number;
  readonly #pool = new ChunkPool();
  /** Those that have a ring and whose scope runs, in the order of their first record; then those whose scope does not. */
  readonly #running = new Set<HeldRecords>();
  readonly #left = new Set<HeldRecords>();
  /** By trace id: records outside of any scope. */
  readonly #traces = new Map<string, HeldRecords>();
  #scratch = new ByteWriter();
  readonly #stub: LogRecord;
  #held = 0;
  #sequence = 0;
  #copyBytes = 0;
  #endTimer: (() => void) | undefined;

  constructor(parts: FlightRecorderParts) {
    this.#parts = parts;
    this.level = parts.level;
    this.#sinks = sortSinks(parts.sinks);
    this.#groups = this.#sinks.groups;
    this.#headBytes = ENTRY_HEAD_BYTES + 4 * this.#groups.length;
    this.#stub = createRecord(parts.scopes[0] as Scope);
  }

  get pending(): number {
    return this.#held * this.#sinks.ordinary.length;
  }

  /** Bytes of memory that rings take. */
  get bytes(): number {
    return this.#pool.taken * CHUNK_BYTES + this.#copyBytes;
  }

  begin(): Recording {
    return createHeldRecords(this.#parts.time.monotonicMs(), '');
  }

  finish(recording: Recording, isNeeded: boolean): void {
    const records = recording as HeldRecords;
    records.isLeft = true;
    if (isNeeded || this.#isSlow(recording)) this.#release([records]);
    else this.#discardAll(records);
  }

  leave(recording: Recording): void {
    const records = recording as HeldRecords;
    if (this.#isSlow(recording)) this.#release([records]);
    records.isLeft = true;
    if (this.#running.delete(records)) this.#left.add(records);
  }

  covers(recording: Recording | undefined, span: SpanContext | undefined): boolean {
    return recording !== undefined || span !== undefined;
  }

  hold(recording: Recording | undefined, record: LogRecord): void {
    const { clock } = this.#parts;
    clock.stamp(record.observed);
    // To ask the clock again costs 40 ns.
    const nowMs = clock.stampedMs;
    const records = this.#of(recording, record.spanContext, nowMs);
    if (records === undefined) return;
    this.#complete(record);
    const copy = this.#sinks.whole.length > 0 ? copyRecord(record) : undefined;
    const length = this.#encode(record, copy, nowMs);
    if (records.passBytes > 0) {
      records.passBytes -= length;
      this.#deliver(this.#scratch, copy);
    } else if (this.#makeRoom(records, length)) {
      this.#push(records, copy);
    } else {
      for (const { account } of this.#sinks.ordinary) account.discarded++;
    }
    for (const { account } of this.#sinks.ordinary) account.emitted++;
    if (this.#scratch.bytes.length > MAX_SCRATCH_BYTES) this.#scratch = new ByteWriter();
  }

  release(recording: Recording | undefined, span: SpanContext | undefined): void {
    const nowMs = this.#parts.time.monotonicMs();
    const own = recording as HeldRecords | undefined;
    // What was logged in the trace before the scope was entered belongs to the story as well.
    const ofTrace = own === undefined ? this.#of(undefined, span, nowMs) : span && this.#traces.get(span.traceId);
    this.#release([own, ofTrace].filter((records) => records !== undefined));
  }

  releaseAll(): void {
    this.#release([...this.#running, ...this.#left]);
  }

  spanEnded({ traceId, hasFailed, isLocalRoot }: EndedSpan, recording: Recording | undefined): void {
    const ofTrace = this.#traces.get(traceId);
    if (hasFailed) {
      const here = recording as HeldRecords | undefined;
      // Spans of servers often end outside of the scope that they were for.
      const scopes =
        here?.traceId === traceId
          ? [here]
          : [...this.#running, ...this.#left].filter((records) => records.traceId === traceId && records !== ofTrace);
      this.#release(ofTrace === undefined ? scopes : [ofTrace, ...scopes]);
    }
    if (!isLocalRoot || ofTrace === undefined) return;
    this.#discardAll(ofTrace);
    this.#traces.delete(traceId);
  }

  end(): void {
    for (const records of [...this.#running, ...this.#left]) {
      this.#discardAll(records);
      records.passBytes = 0;
    }
    this.#traces.clear();
    this.#endTimer?.();
  }

  /** The records that this one belongs to; undefined outside of scopes and traces. */
  #of(recording: Recording | undefined, span: SpanContext | undefined, nowMs: number): HeldRecords | undefined {
    const records = (recording ?? this.#traces.get(span?.traceId ?? '')) as HeldRecords | undefined;
    if (records !== undefined) {
      if (span !== undefined) records.traceId = span.traceId;
      records.touchedMs = nowMs;
      return records;
    }
    if (span === undefined) return undefined;
    if (this.#traces.size >= MAX_TRACES) this.#forgetOldestTrace();
    const created = createHeldRecords(nowMs, span.traceId);
    this.#traces.set(span.traceId, created);
    this.#startTimer();
    return created;
  }

  #forgetOldestTrace(): void {
    for (const [traceId, records] of this.#traces) {
      this.#discardAll(records);
      this.#traces.delete(traceId);
      return;
    }
  }

  #isSlow({ startedMs }: Recording): boolean {
    const { slowMs, time } = this.#parts;
    return slowMs < Infinity && time.monotonicMs() - startedMs >= slowMs;
  }

  #complete(record: LogRecord): void {
    // It stands for itself alone, whatever share its like are kept at.
    record.samplingThreshold = '';
    completeRecord(record, this.#parts);
    if (attributeOf(record, RECORDED) === undefined) appendField(record, RECORDED, true);
    // The stack of an error that is told again stands in a record that is there: this one may be discarded.
    record.error = undefined;
  }

  /** Makes the entry of a record in the scratch; returns its length. */
  #encode(record: LogRecord, copy: LogRecord | undefined, nowMs: number): number {
    const out = this.#scratch;
    out.length = 0;
    out.reserve(this.#headBytes);
    out.length = this.#headBytes;
    for (let i = 0; i < this.#groups.length; i++) {
      const from = out.length;
      (this.#groups[i] as EncoderGroup).encoder.encode(record, out);
      out.view.setInt32(ENTRY_HEAD_BYTES + 4 * i, out.length - from);
    }
    const { view } = out;
    view.setFloat64(ENTRY.sequence, this.#sequence++);
    view.setFloat64(ENTRY.heldMs, nowMs);
    view.setInt32(ENTRY.length, out.length);
    view.setInt32(ENTRY.scopeId, record.scope.id);
    view.setInt32(ENTRY.severity, record.severity);
    view.setInt32(ENTRY.copyBytes, copy === undefined ? 0 : roughBytes(copy));
    return out.length;
  }

  /** Makes room for the entry in the scratch; false when it is larger than all that may be held. */
  #makeRoom(records: HeldRecords, length: number): boolean {
    const { maxBytes, totalBytes } = this.#parts;
    const copyBytes = this.#scratch.view.getInt32(ENTRY.copyBytes);
    if (length + copyBytes > maxBytes) return false;
    const ring = (records.ring ??= new Ring(this.#pool));
    while (ring.bytes + length + copyBytes > maxBytes) this.#discardOldest(ring);
    while (this.bytes + ring.growth(length) * CHUNK_BYTES + copyBytes > totalBytes) {
      const oldest = first(this.#left) ?? first(this.#running);
      if (oldest !== undefined && oldest !== records) this.#discardAll(oldest);
      else if (ring.count > 0) this.#discardOldest(ring);
      else {
        this.#close(records);
        return false;
      }
    }
    return true;
  }

  #push(records: HeldRecords, copy: LogRecord | undefined): void {
    const ring = records.ring as Ring;
    ring.push(this.#scratch, copy);
    this.#copyBytes += this.#scratch.view.getInt32(ENTRY.copyBytes);
    this.#held++;
    for (const { account } of this.#sinks.ordinary) account.held++;
    (records.isLeft ? this.#left : this.#running).add(records);
    this.#startTimer();
  }

  /** Hands out what is held, in the order in which it was logged; what follows passes, as much as a ring holds. */
  #release(all: readonly HeldRecords[]): void {
    const rings: Ring[] = [];
    for (const records of all) {
      records.passBytes = this.#parts.maxBytes;
      if (records.ring !== undefined) rings.push(records.ring);
    }
    if (rings.length === 1) {
      const ring = rings[0] as Ring;
      while (ring.count > 0) this.#deliverOldest(ring);
    } else {
      const entries = rings.flatMap((ring) => ring.sequences().map((sequence) => ({ ring, sequence })));
      entries.sort((a, b) => a.sequence - b.sequence);
      for (const { ring } of entries) this.#deliverOldest(ring);
    }
    for (const records of all) this.#close(records);
  }

  #deliverOldest(ring: Ring): void {
    const before = ring.copyBytes;
    const copy = ring.shift(this.#scratch);
    this.#copyBytes -= before - ring.copyBytes;
    this.#held--;
    for (const { account } of this.#sinks.ordinary) account.held--;
    this.#deliver(this.#scratch, copy);
  }

  /** Hands an entry to each destination, past sampling and limits; their own levels hold. */
  #deliver({ bytes, view }: ByteWriter, copy: LogRecord | undefined): void {
    const stub = this.#stub;
    stub.scope = this.#parts.scopes[view.getInt32(ENTRY.scopeId)] as Scope;
    stub.severity = view.getInt32(ENTRY.severity);
    let from = this.#headBytes;
    for (let i = 0; i < this.#groups.length; i++) {
      const to = from + view.getInt32(ENTRY_HEAD_BYTES + 4 * i);
      for (const sink of (this.#groups[i] as EncoderGroup).sinks) {
        const batch = sink.open(stub);
        if (batch === undefined) continue;
        batch.append(bytes, from, to);
        sink.commit(stub, batch);
      }
      from = to;
    }
    if (copy !== undefined) for (const sink of this.#sinks.whole) sink.write(copy);
  }

  #discardOldest(ring: Ring): void {
    const before = ring.copyBytes;
    ring.drop();
    this.#copyBytes -= before - ring.copyBytes;
    this.#countDiscarded(1);
  }

  #discardAll(records: HeldRecords): void {
    const { ring } = records;
    if (ring === undefined) return;
    this.#copyBytes -= ring.copyBytes;
    this.#countDiscarded(ring.count);
    ring.clear();
    this.#close(records);
  }

  #countDiscarded(count: number): void {
    this.#held -= count;
    for (const { account } of this.#sinks.ordinary) {
      account.discarded += count;
      account.held -= count;
    }
  }

  /** Its ring is empty. */
  #close(records: HeldRecords): void {
    records.ring = undefined;
    this.#running.delete(records);
    this.#left.delete(records);
  }

  #startTimer(): void {
    const periodMs = Math.max(1, this.#parts.maxAgeMs / SWEEPS_PER_AGE);
    this.#endTimer ??= this.#parts.after(periodMs, () => {
      this.#endTimer = undefined;
      this.#sweep();
      if (this.#held > 0 || this.#traces.size > 0) this.#startTimer();
    });
  }

  /** Discards what has been held for too long, and forgets traces of which nothing was heard. */
  #sweep(): void {
    const oldestMs = this.#parts.time.monotonicMs() - this.#parts.maxAgeMs;
    for (const all of [this.#running, this.#left]) {
      for (const records of all) {
        const ring = records.ring as Ring;
        while (ring.count > 0 && ring.oldestMs <= oldestMs) this.#discardOldest(ring);
        if (ring.count === 0) this.#close(records);
      }
    }
    for (const [traceId, records] of this.#traces) {
      if (records.ring === undefined && records.touchedMs <= oldestMs) this.#traces.delete(traceId);
    }
  }
}

function first<T>(set: ReadonlySet<T>): T | undefined {
  for (const entry of set) return entry;
  return undefined;
}
