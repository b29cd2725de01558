/** Were the planted secrets hidden everywhere? Looked for as they are, in all that left the services. */
import type { LogStore, StoredRecord } from '../../../src/dev/store.ts';
import type { Secret } from './orders.ts';
import { cut, heading, paint, table, terminalWidth, wrap } from './terminal.ts';

/** Where the careless lines of the services put secrets; each place must arrive, and arrive redacted. */
const CARELESS_PLACES = [
  'checkout customer_signed_in form.password',
  'checkout flow_step return_url',
  'payment a message',
  'payment dependency_call headers.authorization',
  'payment dependency_call exception.stacktrace',
  'gateway issuer_asked pan',
] as const;
const MARK = /\[REDACTED(?::[\w.-]+)?\]/g;
/** Characters shown of the text before a mark, and behind it. */
const LEAD = 14;
const TRAIL = 10;

/** Lines that the services printed, read as they come: none is kept. */
export class PrintedLines {
  count = 0;
  readonly #leaks = new Map<Secret['kind'], number>();
  readonly #secrets: () => readonly Secret[];

  constructor(secrets: () => readonly Secret[]) {
    this.#secrets = secrets;
  }

  /** Kinds of secrets that were seen, and in how many lines. */
  get leaks(): ReadonlyMap<Secret['kind'], number> {
    return this.#leaks;
  }

  read(line: string): void {
    this.count++;
    for (const { kind, spellings } of this.#secrets()) {
      if (!spellings.some((spelling) => line.includes(spelling))) continue;
      this.#leaks.set(kind, (this.#leaks.get(kind) ?? 0) + 1);
    }
  }
}

/** What was found in the open, one sentence each; empty when nothing was. Never says the secret itself. */
export function findLeaks(secrets: readonly Secret[], printed: PrintedLines, store: LogStore | undefined): string[] {
  const leaks = [...printed.leaks].map(([kind, lines]) => `leaked: a planted ${kind} is in ${lines} printed lines`);
  if (store === undefined) return leaks;
  const counts = new Map<Secret['kind'], number>();
  for (const text of store.allText()) {
    for (const { kind, spellings } of secrets) {
      if (spellings.some((spelling) => text.includes(spelling))) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
  }
  for (const [kind, records] of counts) leaks.push(`leaked: a planted ${kind} is in ${records} stored records`);
  return leaks;
}

interface Place {
  readonly service: string;
  readonly event: string;
  readonly path: string;
  readonly sample: string;
  count: number;
}

/** The table of what was redacted, and which careless lines are not among it. */
export function tellRedaction(
  records: readonly StoredRecord[],
  secrets: readonly Secret[],
  printed: PrintedLines,
): { readonly lines: readonly string[]; readonly missing: readonly string[] } {
  const places = new Map<string, Place>();
  for (const record of records) for (const place of placesOf(record)) add(places, place);
  const rows = [...places]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([, { service, event, path, sample, count }]) => [paint('bold', service), event, path, `${count} ×`, sample]);
  const counts = ['card', 'password', 'token'].map((kind) => {
    const count = secrets.filter((secret) => secret.kind === kind).length;
    return `${count} ${kind}${count === 1 ? '' : 's'}`;
  });
  const summary =
    `Careless code logged ${secrets.length} secrets (${counts.join(', ')}). Each was searched for in the text of all ` +
    `${records.length} stored records and in all ${printed.count} printed lines.`;
  return {
    lines: [
      heading('What was redacted, before it left each process'),
      ...table(rows, [3]).map((line) => `  ${cut(line, terminalWidth() - 2)}`),
      '',
      ...wrap(summary.split(' '), terminalWidth() - 2).map((line) => `  ${line}`),
    ],
    missing: CARELESS_PLACES.filter((place) => !places.has(place)).map(
      (place) => `no redacted value arrived from ${place}, where a secret was planted`,
    ),
  };
}

function add(places: Map<string, Place>, place: Place): void {
  const key = `${place.service} ${place.event} ${place.path}`.trimEnd();
  const known = places.get(key);
  if (known === undefined) places.set(key, place);
  else known.count++;
}

function* placesOf(record: StoredRecord): Generator<Place> {
  const { service, eventName, body } = record;
  if (eventName === undefined && body.match(MARK)) {
    yield { service, event: 'a message', path: '', sample: excerpt(body), count: 1 };
  }
  for (const [path, text] of texts('', record.attributes)) {
    if (text.match(MARK) === null) continue;
    yield { service, event: eventName ?? 'a message', path, sample: excerpt(text), count: 1 };
  }
}

/** Every text in a value, with the path to it. */
function* texts(path: string, value: unknown): Generator<[path: string, text: string]> {
  if (typeof value === 'string') yield [path, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) yield* texts(path === '' ? key : `${path}.${key}`, item);
}

/** The first mark with what stands around it. */
function excerpt(text: string): string {
  const [mark = ''] = text.match(MARK) ?? [];
  const at = text.indexOf(mark);
  const end = at + mark.length;
  const lead = `${at > LEAD ? '…' : ''}${text.slice(Math.max(0, at - LEAD), at)}`;
  const trail = `${text.slice(end, end + TRAIL)}${text.length > end + TRAIL ? '…' : ''}`;
  return `${lead}${paint('magenta', mark)}${trail}`;
}
