import { SEVERITY } from './level.ts';

/**
 * What spanlog has to say about itself. It never goes through the logger, or a failing exporter would feed itself.
 *
 * Each matter is said once, then only counted: a collector that is down for an hour is one line, not a line a second.
 */
export interface Diag {
  /** Says `message` unless `key` was said before and not cleared since. */
  warn(key: string, message: string): void;
  /** The same for what must not be missed: only `none` silences it. */
  error(key: string, message: string): void;
  /** The matter is settled: the next warning under `key` is news again. `message` says so, when given. */
  clear(key: string, message?: string): void;
}

/** Writes one line; the default goes to stderr synchronously, since it may be the last thing a process says. */
export type WriteLine = (line: string) => void;

/** Passes over every line, since messages quote settings, and errors of exporters and servers. Must not throw. */
export type Redact = (text: string) => string;

/** How many distinct matters are remembered. */
const MAX_KEYS = 256;

export class OnceDiag implements Diag {
  /** Lowest severity number that is said (OTEL_LOG_LEVEL). */
  threshold: number = SEVERITY.info;
  /** The rules of the settings, once they are known, which pass over every line after those of the constructor. */
  rules: Redact = (text) => text;
  readonly #write: WriteLine;
  /** How often each matter came up since it was said. */
  readonly #said = new Map<string, number>();

  constructor(write: WriteLine, byDefault: Redact = (text) => text) {
    this.#write = (line) => write(oneLine(this.rules(byDefault(line))));
  }

  warn(key: string, message: string): void {
    if (this.threshold <= SEVERITY.warn) this.#say(key, message);
  }

  error(key: string, message: string): void {
    if (this.threshold <= SEVERITY.error) this.#say(key, message);
  }

  #say(key: string, message: string): void {
    const repeats = this.#said.get(key);
    if (repeats !== undefined) {
      this.#said.set(key, repeats + 1);
      return;
    }
    if (this.#said.size < MAX_KEYS) this.#said.set(key, 0);
    this.#write(`spanlog: ${message}`);
  }

  clear(key: string, message?: string): void {
    const repeats = this.#said.get(key);
    if (repeats === undefined) return;
    this.#said.delete(key);
    if (message !== undefined) {
      this.#write(`spanlog: ${message}${repeats > 0 ? ` (came up ${repeats} more times)` : ''}`);
    }
  }
}

/**
 * Keeps a message on its line and its control characters off the terminal: a quoted error could forge a line of ours, or
 * drive the terminal. The frames of a stack stay readable, one after the other.
 */
function oneLine(text: string): string {
  return text
    .replace(/\r?\n[ \t]+at /g, ' | at ')
    .replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, escaped);
}

function escaped(char: string): string {
  if (char === '\n') return '\\n';
  if (char === '\r') return '\\r';
  if (char === '\t') return '\\t';
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
