/** Windows that there is room for at first; it is doubled as often as needed. */
const FIRST_CAPACITY = 64;

/**
 * Windows of time by the hash of what they are of, in the order of their ending, which is that of their opening. There is
 * one of a hash at most, and only the first one can be removed.
 *
 * The windows stand in a ring, and where each hash stands there in a table with open addresses, half full at most. Both
 * are arrays of numbers, which make no garbage and stay in the processor's cache.
 */
export class WindowTable<T> {
  size = 0;
  /** Place of the first window in the ring. */
  #first = 0;
  #capacity = FIRST_CAPACITY;
  /** Four words for each place: the hash in two, then when the window ends as a double. */
  #words = new Int32Array(4 * FIRST_CAPACITY);
  #doubles = new Float64Array(this.#words.buffer);
  #kept: (T | undefined)[] = new Array<undefined>(FIRST_CAPACITY).fill(undefined);
  /** Places in the ring, plus one; 0 where there is none. */
  #slots = new Int32Array(2 * FIRST_CAPACITY);

  /** The place of a window, until another one is opened; -1 when there is none. */
  find(low: number, high: number): number {
    const slots = this.#slots;
    const words = this.#words;
    const mask = slots.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const place = (slots[slot] as number) - 1;
      if (place === -1 || (words[4 * place] === low && words[4 * place + 1] === high)) return place;
    }
  }

  /** Opens a window that ends behind all others. There must be none of its hash. */
  open(low: number, high: number, endMs: number): void {
    if (this.size === this.#capacity) this.#grow();
    const place = (this.#first + this.size++) & (this.#capacity - 1);
    this.#words[4 * place] = low;
    this.#words[4 * place + 1] = high;
    this.#doubles[2 * place + 1] = endMs;
    this.#enter(place);
  }

  /** The place of the first window, when there is one. */
  get first(): number {
    return this.#first;
  }

  /** When the first window ends; Infinity when there is none. */
  get firstEndMs(): number {
    return this.size === 0 ? Infinity : (this.#doubles[2 * this.#first + 1] as number);
  }

  /** The places of all windows, in the order of their ending. */
  *places(): Generator<number> {
    for (let i = 0; i < this.size; i++) yield (this.#first + i) & (this.#capacity - 1);
  }

  /** What is kept with the window at that place. */
  keptAt(place: number): T | undefined {
    return this.#kept[place];
  }

  keep(place: number, kept: T | undefined): void {
    this.#kept[place] = kept;
  }

  /** Removes the first window, of which there must be one, and in which nothing may be kept any more. */
  removeFirst(): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = this.#homeOf(this.#first);
    while (slots[hole] !== this.#first + 1) hole = (hole + 1) & mask;
    // Those behind it move up, but none to before the slot where it would stand alone.
    for (let slot = (hole + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.#homeOf((slots[slot] as number) - 1);
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots[hole] = slots[slot] as number;
      hole = slot;
    }
    slots[hole] = 0;
    this.#first = (this.#first + 1) & (this.#capacity - 1);
    this.size--;
  }

  #homeOf(place: number): number {
    return (this.#words[4 * place] as number) & (this.#slots.length - 1);
  }

  #enter(place: number): void {
    const slots = this.#slots;
    let slot = this.#homeOf(place);
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
    slots[slot] = place + 1;
  }

  /** Makes room for as many again; the first window then stands at place 0. */
  #grow(): void {
    const places = [...this.places()];
    const [words, kept] = [this.#words, this.#kept];
    this.#capacity *= 2;
    this.#words = new Int32Array(4 * this.#capacity);
    this.#doubles = new Float64Array(this.#words.buffer);
    this.#kept = new Array<undefined>(this.#capacity).fill(undefined);
    this.#slots = new Int32Array(2 * this.#capacity);
    this.#first = 0;
    for (const [to, from] of places.entries()) {
      this.#words.set(words.subarray(4 * from, 4 * from + 4), 4 * to);
      this.#kept[to] = kept[from];
      this.#enter(to);
    }
  }
}
