import type { SpanContext } from '@opentelemetry/api';
import type { Instant } from '../core/clock.ts';
import { SEVERITY } from '../core/level.ts';
import { redactedStart } from '../core/read-budget.ts';
import type { Scope } from '../core/record.ts';
import { toPlain } from '../core/value.ts';
import { activeSpan } from '../logger/active-span.ts';
import type { ForeignRecord, Hub } from '../logger/hub.ts';
import type { LoggerState } from '../logger/logger.ts';
import { Repeats } from './repeats.ts';
import type { Sighting } from './repeats.ts';

/** What a bridge makes of one call of its library. */
export interface BridgedRecord {
  /** OTel severity number 1–24. */
  readonly severity: number;
  /** The library's own name for the level; ours when empty. */
  readonly severityText?: string;
  readonly body: unknown;
  readonly attributes?: unknown;
  readonly error?: unknown;
  readonly time?: Instant | undefined;
  /** The active span unless given. */
  readonly span?: SpanContext | undefined;
}

/** Where bridges put records, each inside an `attempt`. All copies of the package in a process share one. */
export interface BridgeTarget {
  /** Whether the table of levels lets records of that source and severity pass. */
  isEnabled(source: string, severity: number): boolean;
  /** @param source the logger's name, `<library>` or `<library>.<part>`: levels go by it */
  emit(source: string, record: BridgedRecord): void;
  /** Runs the reading of a call. What it throws costs this record, which is counted, and never reaches the library. */
  attempt(read: () => void): void;
  /** An inert copy without secrets, for what must become text before it is logged. */
  read(value: unknown): unknown;
  /** Says that a way for records of a library is open; `once` when all of its kind are one. */
  open(library: string, route: string, once?: boolean): void;
  /** Whether this call came on another way already. */
  isRepeat(sighting: Sighting): boolean;
  /** The listener for warnings of the process, and how many have asked for it. */
  warnings?: { readonly listener: (warning: Error) => void; users: number } | undefined;
  /** Resolves when what was logged is delivered, or at the deadline. */
  flush(timeoutMs: number): Promise<void>;
}

/** Sources that may be named; further ones of a library share its plain name. */
const MAX_SOURCES = 1_000;
const MAX_SOURCE_LENGTH = 200;
/** No event's name is longer. */
const MAX_EVENT_LENGTH = 64;
/** Colours, as terminals take them. */
const COLOURS = /\u001b\[[\d;]*m/g;

type SourceState = LoggerState & { scope: Scope };

/** The one target of a process, in front of its hub. */
export class HubBridge implements BridgeTarget {
  readonly repeats: Repeats = new Repeats();
  warnings: BridgeTarget['warnings'];
  readonly #hub: Hub;
  readonly #flush: (timeoutMs: number) => Promise<unknown>;
  readonly #sources = new Map<string, SourceState>();
  /** Of the rules that the names were judged by. */
  #epoch: number;

  constructor(hub: Hub, flush: (timeoutMs: number) => Promise<unknown>) {
    this.#hub = hub;
    this.#flush = flush;
    this.#epoch = hub.intake.epoch;
  }

  isEnabled(source: string, severity: number): boolean {
    const { level } = this.#stateOf(source);
    return severity >= level || this.#hub.levels.hasAuditEvents || this.#hub.isRecording(severity, level);
  }

  emit(source: string, record: BridgedRecord): void {
    const { scope, threshold, level } = this.#stateOf(source);
    const severity = severityOf(record.severity);
    if (severity < threshold) return;
    const body = shownBody(record.body);
    const eventName = this.#eventNameOf(body);
    const isBelow = severity < level && !this.#hub.isAudit(scope, eventName);
    if (isBelow && !this.#hub.isRecording(severity, level, record.span)) return;
    const foreign: ForeignRecord = {
      eventName,
      severity,
      severityText: record.severityText ?? '',
      body,
      attributes: record.attributes,
      error: record.error,
      time: record.time,
      span: record.span ?? activeSpan(),
    };
    this.#hub.emit(scope, foreign, isBelow);
  }

  attempt(read: () => void): void {
    try {
      read();
    } catch (error) {
      this.#hub.intake.fail(error);
    }
  }

  read(value: unknown): unknown {
    const { reader } = this.#hub.intake;
    reader.begin();
    return toPlain(reader.read(value));
  }

  open(library: string, route: string, once?: boolean): void {
    this.repeats.open(library, route, once);
  }

  isRepeat(sighting: Sighting): boolean {
    return this.repeats.isRepeat(sighting);
  }

  async flush(timeoutMs: number): Promise<void> {
    await this.#flush(timeoutMs);
  }

  #stateOf(source: string): SourceState {
    const { intake } = this.#hub;
    if (intake.epoch !== this.#epoch) {
      // Names can hold secrets too: they are judged by the rules now in force.
      this.#epoch = intake.epoch;
      this.#sources.clear();
    }
    return this.#sources.get(source) ?? this.#create(source);
  }

  #create(source: string): SourceState {
    const dot = source.indexOf('.');
    if (this.#sources.size >= MAX_SOURCES && dot !== -1) return this.#stateOf(source.slice(0, dot));
    const name = redactedStart(this.#hub.intake.reader.policy, source, MAX_SOURCE_LENGTH);
    const state: SourceState = { scope: this.#hub.createScope(name), threshold: 0, level: 0 };
    this.#hub.levels.attachBridged(state);
    this.#sources.set(source, state);
    return state;
  }

  /** A body that is an event's name makes an event, as it does with our own loggers. */
  #eventNameOf(body: unknown): string {
    if (typeof body !== 'string' || body.length > MAX_EVENT_LENGTH) return '';
    const { events, reader } = this.#hub.intake;
    return events.knows(body) || events.judge(body, reader.policy.text(body)) ? body : '';
  }
}

/** A library that gives no number, or nonsense, gets one that every filter understands. */
function severityOf(severity: number): number {
  return severity >= 1 && severity <= 24 ? Math.trunc(severity) : SEVERITY.info;
}

function shownBody(body: unknown): unknown {
  return typeof body === 'string' && body.includes('\u001b') ? body.replaceAll(COLOURS, '') : body;
}
