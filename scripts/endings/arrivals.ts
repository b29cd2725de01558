import { open, truncate } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** The record's number, as the Collector's file exporter writes it (OTLP/JSON), and as pino does. */
const NUMBER = /"item_count"(?:,"value":\{"\w+":"?|:)(\d+)/g;

/** When nothing came for so long, nothing will: shorter once everything is there, and only duplicates could come. */
const QUIET_MS = 400;
const QUIET_WHEN_COMPLETE_MS = 100;
const POLL_MS = 20;

/** Counts the records that arrive in a file, by their numbers. */
export class Arrivals {
  readonly #file: string;
  readonly #seen = new Set<number>();
  #total = 0;
  #readBytes = 0;
  #partialLine = '';

  constructor(file: string) {
    this.#file = file;
  }

  /** Starts with an empty file. Who writes it has to append. */
  static async fresh(file: string): Promise<Arrivals> {
    try {
      await truncate(file);
    } catch (error) {
      // Not there yet is empty.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
    return new Arrivals(file);
  }

  /** How many different records are there. */
  get distinct(): number {
    return this.#seen.size;
  }

  /** How many came besides, each of them once more. */
  get duplicates(): number {
    return this.#total - this.#seen.size;
  }

  /** Resolves when all `expected` are there, or no more come. With `quietMs`, how long that has to be so. */
  async settled(expected: number, quietMs = QUIET_MS): Promise<void> {
    let quietSinceMs = Date.now();
    for (;;) {
      if (await this.#read()) quietSinceMs = Date.now();
      const enoughMs = this.distinct >= expected ? QUIET_WHEN_COMPLETE_MS : quietMs;
      if (Date.now() - quietSinceMs >= enoughMs) return;
      await sleep(POLL_MS);
    }
  }

  /** Whether there was more. */
  async #read(): Promise<boolean> {
    const handle = await open(this.#file).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (handle === undefined) return false;
    try {
      const { size } = await handle.stat();
      if (size <= this.#readBytes) return false;
      const bytes = Buffer.alloc(size - this.#readBytes);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, this.#readBytes);
      this.#readBytes += bytesRead;
      const text = this.#partialLine + bytes.toString('latin1', 0, bytesRead);
      const end = text.lastIndexOf('\n') + 1;
      this.#partialLine = text.slice(end);
      this.#add(text.slice(0, end));
      return true;
    } finally {
      await handle.close();
    }
  }

  #add(text: string): void {
    for (const [, number] of text.matchAll(NUMBER)) {
      this.#seen.add(Number(number));
      this.#total++;
    }
  }
}
