const EVENT_NAME = /^[A-Za-z][\w.-]{0,63}$/;
const MAX_KNOWN = 1_024;
/** Keys remembered by their place in an event. */
const MAX_KEYS = 16;
/** A longer key is data. */
const MAX_KEY_LENGTH = 128;

/**
 * The first keys of the last record of one event that are shown as they are, and the kinds under which their values are
 * hidden. Its next record has the same keys most often, and comparing one costs a third of looking it up.
 */
export class KnownKeys {
  readonly keys: string[] = [];
  readonly hides: (string | undefined)[] = [];

  remember(place: number, key: string, hides: string | undefined): void {
    if (place >= MAX_KEYS || key.length > MAX_KEY_LENGTH) return;
    this.keys[place] = key;
    this.hides[place] = hides;
  }
}

/**
 * Which texts are names of events. Log calls repeat a handful of literals, so those that were judged and shown as they
 * are need neither the pattern nor the redaction rules again. One per set of rules; only harmless names are kept.
 */
export class EventNames {
  /** Keys of all that has no known name. */
  readonly otherKeys: KnownKeys = new KnownKeys();
  readonly #known = new Map<string, KnownKeys>();

  /** True for a name that these rules have shown unchanged before. */
  knows(text: string): boolean {
    return this.#known.has(text);
  }

  /** The keys of a name that these rules have shown unchanged before, or `undefined`. */
  keysOf(text: string): KnownKeys | undefined {
    return this.#known.get(text);
  }

  /** True when `shown` is a name; `given` is what it was before redaction. */
  judge(given: string, shown: string): boolean {
    if (!EVENT_NAME.test(shown)) return false;
    if (given === shown && this.#known.size < MAX_KNOWN) this.#known.set(shown, new KnownKeys());
    return true;
  }
}
