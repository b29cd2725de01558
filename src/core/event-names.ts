const EVENT_NAME = /^[A-Za-z][\w.-]{0,63}$/;
const MAX_KNOWN = 1_024;

/**
 * Which texts are names of events. Log calls repeat a handful of literals, so those that were judged and shown as they
 * are need neither the pattern nor the redaction rules again. One per set of rules; only harmless names are kept.
 */
export class EventNames {
  readonly #known = new Set<string>();

  /** True for a name that these rules have shown unchanged before. */
  knows(text: string): boolean {
    return this.#known.has(text);
  }

  /** True when `shown` is a name; `given` is what it was before redaction. */
  judge(given: string, shown: string): boolean {
    if (!EVENT_NAME.test(shown)) return false;
    if (given === shown && this.#known.size < MAX_KNOWN) this.#known.add(shown);
    return true;
  }
}
