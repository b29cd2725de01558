import type { Intake } from '../core/intake.ts';
import type { BoundFields } from '../core/record.ts';
import type { Value } from '../core/value.ts';
import { toPlain } from '../core/value.ts';
import { fieldEntries } from './fields.ts';

/**
 * Fields that outlive a call: those of a child logger and of a context. They are read and redacted when they are bound
 * and never held as they came. When the rules change later (a second `register`), they are judged again.
 */
export class Bound implements BoundFields {
  readonly keys: readonly string[];
  readonly values: readonly Value[];
  readonly has: ReadonlySet<string>;
  /** Fields left out for the limit on attributes; each record that carries the others counts them. */
  readonly dropped: number;
  readonly encoded: (Uint8Array | string | undefined)[] = [];
  readonly #epoch: number;
  #current: Bound | undefined;

  private constructor(keys: readonly string[], values: readonly Value[], dropped: number, epoch: number) {
    this.keys = keys;
    this.values = values;
    this.has = new Set(keys);
    this.dropped = dropped;
    this.#epoch = epoch;
  }

  /** `fields` on top of `parent`; later keys win. Never throws. */
  static create(intake: Intake, parent: Bound | undefined, fields: unknown): Bound {
    const { reader } = intake;
    reader.begin();
    const merged = new Map<string, Value>();
    if (parent !== undefined) {
      const current = parent.under(intake);
      for (let i = 0; i < current.keys.length; i++) merged.set(current.keys[i] as string, current.values[i] as Value);
    }
    for (const [key, value] of fieldEntries(reader, intake.events.otherKeys, fields)) {
      merged.delete(key);
      merged.set(key, value);
    }
    const entries = [...merged].slice(0, intake.attributeLimit);
    return new Bound(
      entries.map(([key]) => key),
      entries.map(([, value]) => value),
      merged.size - entries.length + (parent?.dropped ?? 0),
      intake.epoch,
    );
  }

  /** `upper` on top of `lower`, both of which the rules in force have shown already. */
  static over(intake: Intake, lower: Bound, upper: Bound): Bound {
    const keys: string[] = [];
    const values: Value[] = [];
    const room = Math.max(0, intake.attributeLimit - upper.keys.length);
    let dropped = upper.dropped + lower.dropped;
    for (let i = 0; i < lower.keys.length; i++) {
      const key = lower.keys[i] as string;
      if (upper.has.has(key)) continue;
      if (keys.length === room) dropped++;
      else {
        keys.push(key);
        values.push(lower.values[i] as Value);
      }
    }
    return new Bound([...keys, ...upper.keys], [...values, ...upper.values], dropped, intake.epoch);
  }

  /** These fields as the rules in force show them. */
  under(intake: Intake): Bound {
    if (this.#epoch === intake.epoch) return this;
    if (this.#current === undefined || this.#current.#epoch !== intake.epoch) {
      const plain = Object.fromEntries(this.keys.map((key, i) => [key, toPlain(this.values[i] as Value)]));
      this.#current = Bound.create(intake, undefined, plain);
    }
    return this.#current;
  }

  /** True when a key stands in both. */
  overlaps(other: Bound): boolean {
    for (const key of this.keys) if (other.has.has(key)) return true;
    return false;
  }
}
