import type { DatabaseSync } from 'node:sqlite';

const SCHEMA_VERSION = 1;

/**
 * `sources` holds what many records share, once for each distinct resource and scope.
 *
 * Times are unsigned 64-bit nanoseconds kept in signed columns, bit for bit. `sort_ns` is the time that orders
 * records (the timestamp, or the observed time where there is none), cut at 2^63 - 1, the year 2262.
 */
const SCHEMA = `
  CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    service TEXT NOT NULL,
    logger TEXT NOT NULL,
    resource TEXT NOT NULL,
    scope TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (resource, scope)
  ) STRICT;
  CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    sort_ns INTEGER NOT NULL,
    time_ns INTEGER NOT NULL,
    observed_ns INTEGER NOT NULL,
    severity INTEGER NOT NULL,
    severity_text TEXT NOT NULL,
    event_name TEXT,
    body TEXT NOT NULL,
    trace_id TEXT,
    span_id TEXT,
    request_id TEXT,
    flags INTEGER NOT NULL,
    dropped_attributes INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX records_by_trace ON records (trace_id, sort_ns) WHERE trace_id IS NOT NULL;
  CREATE INDEX records_by_request ON records (request_id, sort_ns) WHERE request_id IS NOT NULL;
  CREATE INDEX records_by_source ON records (source_id);
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** The index holds no text of its own: \`content\` makes it read the table's. */
const SEARCH_SCHEMA = `
  CREATE VIRTUAL TABLE IF NOT EXISTS records_fts USING fts5(text, content='records', content_rowid='id');
`;

/** Creates or checks the tables. Throws when another version of spanlog wrote the file. */
export function prepareSchema(db: DatabaseSync, path: string): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  if (version === SCHEMA_VERSION) return;
  const tables = Number(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n);
  if (version !== 0 || tables !== 0) {
    throw new Error(`${path} is no log store of this version of spanlog (schema ${version}, not ${SCHEMA_VERSION})`);
  }
  db.exec(`BEGIN; ${SCHEMA} COMMIT;`);
}

/**
 * Creates the full-text index; false where SQLite was built without FTS5, as in Node 22.15. A file that was
 * written there gets its index made up for when a newer Node opens it.
 */
export function prepareSearch(db: DatabaseSync): boolean {
  if (db.prepare("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").get() === undefined) return false;
  db.exec(SEARCH_SCHEMA);
  const behind = db
    .prepare('SELECT (SELECT max(id) FROM records) IS NOT (SELECT max(id) FROM records_fts_docsize) AS behind')
    .get();
  if (behind?.behind === 1) db.exec("INSERT INTO records_fts (records_fts) VALUES ('rebuild')");
  return true;
}
