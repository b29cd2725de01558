/**
 * Received logs in SQLite, in memory or in a file, for the person who looks for one request among them.
 *
 * A request is inserted whole or not at all. Queries are synchronous: they serve one developer's questions.
 * `node:sqlite` is loaded when a store is opened and never before: nothing else in the package needs it, and
 * Node 22 prints a warning on loading it.
 */
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { LogRecord, LogsRequest, Resource, Scope } from './otlp-model.ts';
import { bodyText, columnText, mapText, searchText, toJson } from './record-text.ts';
import { searchQuery, searchWords } from './search-query.ts';
import { prepareSchema, prepareSearch } from './store-schema.ts';

export type JsonMap = Readonly<Record<string, unknown>>;

export interface StoredRecord {
  /** The order of arrival, from 1. */
  readonly id: number;
  /** Nanoseconds since 1970; 0n when the source gave none. */
  readonly timeNs: bigint;
  readonly observedNs: bigint;
  readonly severity: number;
  readonly severityText: string;
  /** `service.name` of the resource. */
  readonly service: string;
  /** The name of the scope. */
  readonly logger: string;
  readonly eventName: string | undefined;
  /** A structured body as JSON. A NUL in any of these texts is U+2400; attributes and resource keep it. */
  readonly body: string;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  /** The attribute `request_id`. */
  readonly requestId: string | undefined;
  readonly flags: number;
  readonly droppedAttributes: number;
  /** What JSON lacks is a string here: int64 past 2^53, bytes (base64), NaN and the infinities. */
  readonly attributes: JsonMap;
  readonly resource: JsonMap;
  /** Version and attributes of the scope. */
  readonly scope: JsonMap;
}

/** Records a query gives at most, when it does not say. */
const DEFAULT_LIMIT = 100;
/** Rows that `allText` reads at a time, so that the store can be written to between them. */
const TEXT_PAGE_ROWS = 500;
const MAX_SORT_NS = 2n ** 63n - 1n;

const SELECT = `SELECT r.*, s.service, s.logger, s.resource, s.scope FROM records r JOIN sources s ON s.id = r.source_id`;

/**
 * Opens a store, in memory or in the file `path`. Throws when the file can't be opened or is of another version.
 *
 *     const store = openStore('.spanlog/dev.db');
 *     store.byTrace('5b8efff798038103d269b633813fc60c').map((record) => record.body);
 */
export function openStore(path = ':memory:'): LogStore {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const db = new DatabaseSync(path);
  try {
    // A second process, such as a command that reads the file of a running receiver, waits its turn.
    db.exec('PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    prepareSchema(db, path);
    return new LogStore(db, prepareSearch(db));
  } catch (error) {
    db.close();
    throw error;
  }
}

export class LogStore {
  readonly #db: DatabaseSync;
  readonly #hasFullText: boolean;
  readonly #insertSource: StatementSync;
  readonly #insertRecord: StatementSync;
  readonly #insertText: StatementSync | undefined;

  constructor(db: DatabaseSync, hasFullText: boolean) {
    this.#db = db;
    this.#hasFullText = hasFullText;
    this.#insertSource = db.prepare(
      `INSERT INTO sources (service, logger, resource, scope, text) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (resource, scope) DO UPDATE SET service = excluded.service RETURNING id`,
    );
    this.#insertRecord = db.prepare(
      `INSERT INTO records (source_id, sort_ns, time_ns, observed_ns, severity, severity_text, event_name, body,
         trace_id, span_id, request_id, flags, dropped_attributes, attributes, text)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertText = hasFullText ? db.prepare('INSERT INTO records_fts (rowid, text) VALUES (?, ?)') : undefined;
  }

  /** Stores all records of a request, or none and throws; returns how many they are. */
  insert(request: LogsRequest): number {
    let inserted = 0;
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      for (const { resource, scopeLogs } of request.resourceLogs) {
        for (const { scope, logRecords } of scopeLogs) {
          if (logRecords.length === 0) continue;
          const sourceId = this.#sourceId(resource, scope);
          for (const record of logRecords) this.#insert(sourceId, record);
          inserted += logRecords.length;
        }
      }
      this.#db.exec('COMMIT');
    } catch (error) {
      // SQLite has rolled back by itself after some errors, such as a full disk. Node 22.15 can't tell yet.
      const db: Partial<Pick<DatabaseSync, 'isTransaction'>> = this.#db;
      if (db.isTransaction ?? true) this.#db.exec('ROLLBACK');
      throw error;
    }
    return inserted;
  }

  /** The records of a trace, across services, in the order of their time. */
  byTrace(traceId: string): StoredRecord[] {
    return this.#all(`${SELECT} WHERE r.trace_id = ? ORDER BY r.sort_ns, r.id`, [traceId.toLowerCase()]);
  }

  /** The records with this `request_id`, across services, in the order of their time. */
  byRequestId(requestId: string): StoredRecord[] {
    return this.#all(`${SELECT} WHERE r.request_id = ? ORDER BY r.sort_ns, r.id`, [requestId]);
  }

  /**
   * The records that contain every word of `text` in event name, body or attributes, in any case, the last
   * received first. A word is found at the beginning of words: `pay` finds `payment_failed`, `ment` does not.
   * (On Node without FTS5, such as 22.15, it does.)
   */
  search(text: string, options: { limit?: number } = {}): StoredRecord[] {
    const words = searchWords(text);
    if (words.length === 0) return [];
    const { where, values } = searchQuery(words, this.#hasFullText);
    return this.#all(`${SELECT} WHERE ${where} ORDER BY r.id DESC LIMIT ?`, [
      ...values,
      options.limit ?? DEFAULT_LIMIT,
    ]);
  }

  /** The last received records, the last first. */
  recent(options: { limit?: number; minSeverity?: number; service?: string } = {}): StoredRecord[] {
    const service = options.service ?? null;
    return this.#all(`${SELECT} WHERE r.severity >= ? AND (? IS NULL OR s.service = ?) ORDER BY r.id DESC LIMIT ?`, [
      options.minSeverity ?? -(2 ** 31),
      service,
      service,
      options.limit ?? DEFAULT_LIMIT,
    ]);
  }

  count(): number {
    return Number(this.#db.prepare('SELECT count(*) AS n FROM records').get()?.n);
  }

  countByService(): Map<string, number> {
    const rows = this.#db
      .prepare(
        `SELECT s.service, count(*) AS n FROM records r JOIN sources s ON s.id = r.source_id
         GROUP BY s.service ORDER BY s.service`,
      )
      .all();
    return new Map(rows.map((row) => [String(row.service), Number(row.n)]));
  }

  /**
   * Everything that was received, as text without escapes (NUL as U+2400), for a scan for secrets: first each resource and
   * scope, then each record. What arrives meanwhile is included.
   */
  *allText(): Generator<string, void, undefined> {
    for (const table of ['sources', 'records']) {
      const page = this.#db.prepare(`SELECT id, text FROM ${table} WHERE id > ? ORDER BY id LIMIT ${TEXT_PAGE_ROWS}`);
      let rows = page.all(0);
      while (rows.length > 0) {
        for (const row of rows) yield String(row.text);
        rows = page.all(rows.at(-1)?.id ?? null);
      }
    }
  }

  close(): void {
    this.#db.close();
  }

  #sourceId(resource: Resource, scope: Scope): number {
    const service = resource.attributes['service.name'];
    const row = this.#insertSource.get(
      columnText(typeof service === 'string' ? service : 'unknown_service'),
      columnText(scope.name),
      toJson(resource.attributes),
      toJson({ name: scope.name, version: scope.version, attributes: scope.attributes }),
      columnText([mapText(resource.attributes), scope.name, scope.version, mapText(scope.attributes)].join('\n')),
    );
    return Number(row?.id);
  }

  #insert(sourceId: number, record: LogRecord): void {
    const text = columnText(searchText(record));
    const requestId = record.attributes.request_id;
    const time = record.timeUnixNano === 0n ? record.observedTimeUnixNano : record.timeUnixNano;
    const { lastInsertRowid } = this.#insertRecord.run(
      sourceId,
      time > MAX_SORT_NS ? MAX_SORT_NS : time,
      BigInt.asIntN(64, record.timeUnixNano),
      BigInt.asIntN(64, record.observedTimeUnixNano),
      record.severityNumber,
      columnText(record.severityText),
      record.eventName === '' ? null : columnText(record.eventName),
      columnText(bodyText(record.body)),
      record.traceId ?? null,
      record.spanId ?? null,
      requestId === undefined ? null : columnText(bodyText(requestId)),
      record.flags,
      record.droppedAttributesCount,
      toJson(record.attributes),
      text,
    );
    this.#insertText?.run(lastInsertRowid, text);
  }

  #all(sql: string, values: SQLInputValue[]): StoredRecord[] {
    const statement = this.#db.prepare(sql);
    statement.setReadBigInts(true);
    return statement.all(...values).map(storedRecord);
  }
}

function storedRecord(row: Record<string, SQLOutputValue>): StoredRecord {
  return {
    id: Number(row.id),
    timeNs: BigInt.asUintN(64, BigInt(String(row.time_ns))),
    observedNs: BigInt.asUintN(64, BigInt(String(row.observed_ns))),
    severity: Number(row.severity),
    severityText: String(row.severity_text),
    service: String(row.service),
    logger: String(row.logger),
    eventName: textOrUndefined(row.event_name),
    body: String(row.body),
    traceId: textOrUndefined(row.trace_id),
    spanId: textOrUndefined(row.span_id),
    requestId: textOrUndefined(row.request_id),
    flags: Number(row.flags),
    droppedAttributes: Number(row.dropped_attributes),
    attributes: jsonMap(row.attributes),
    resource: jsonMap(row.resource),
    scope: jsonMap(row.scope),
  };
}

function textOrUndefined(value: SQLOutputValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function jsonMap(value: SQLOutputValue | undefined): JsonMap {
  return JSON.parse(String(value)) as JsonMap;
}
