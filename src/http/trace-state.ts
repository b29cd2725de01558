import type { TraceState } from '@opentelemetry/api';

/** `key=value`, as W3C Trace Context, 3.3.1.3 has it. */
const ENTRY = /^[a-z\d][\w\-*/@]{0,255}=[\x21-\x2b\x2d-\x3c\x3e-\x7e\x20]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;
const MAX_ENTRIES = 32;

/** The vendors' entries of a trace, kept in order and passed on. What is no entry is left out. */
export class HeaderTraceState implements TraceState {
  readonly #entries: ReadonlyMap<string, string>;

  private constructor(entries: ReadonlyMap<string, string>) {
    this.#entries = entries;
  }

  static parse(header: string): HeaderTraceState {
    const entries = new Map<string, string>();
    for (const entry of header.split(',')) {
      const trimmed = entry.trim();
      if (!ENTRY.test(trimmed) || entries.size === MAX_ENTRIES) continue;
      const at = trimmed.indexOf('=');
      entries.set(trimmed.slice(0, at), trimmed.slice(at + 1));
    }
    return new HeaderTraceState(entries);
  }

  /** A changed entry goes to the front (3.5). */
  set(key: string, value: string): HeaderTraceState {
    const others = [...this.#entries].filter(([other]) => other !== key);
    return new HeaderTraceState(new Map([[key, value], ...others]));
  }

  unset(key: string): HeaderTraceState {
    return new HeaderTraceState(new Map([...this.#entries].filter(([other]) => other !== key)));
  }

  get(key: string): string | undefined {
    return this.#entries.get(key);
  }

  serialize(): string {
    return [...this.#entries].map(([key, value]) => `${key}=${value}`).join(',');
  }
}
