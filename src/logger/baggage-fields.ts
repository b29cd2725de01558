import { propagation } from '@opentelemetry/api';
import type { Baggage } from '@opentelemetry/api';
import type { Intake } from '../core/intake.ts';
import { activeContext } from './active-span.ts';
import { Bound } from './bound-fields.ts';

/** Adds the fields of the active baggage to those of the context scope; what a scope has bound wins. */
export type BaggageFields = (intake: Intake, scope: Bound | undefined) => Bound | undefined;

/**
 * Entries of the active OTel baggage under `keys`, as fields. They come from outside, and are read and redacted like any
 * field. Baggage never changes, so that this happens once for each, and once for each scope that it meets.
 */
export function baggageFields(keys: readonly string[]): BaggageFields {
  const alone = new WeakMap<Baggage, Bound>();
  const joined = new WeakMap<Bound, { readonly baggage: Baggage; readonly fields: Bound }>();
  return (intake, scope) => {
    try {
      const baggage = propagation.getBaggage(activeContext());
      if (baggage === undefined) return scope;
      let fields = alone.get(baggage);
      if (fields === undefined) {
        alone.set(baggage, (fields = Bound.create(intake, undefined, entriesOf(baggage, keys))));
      }
      fields = fields.under(intake);
      if (fields.keys.length === 0) return scope;
      if (scope === undefined) return fields;
      const known = joined.get(scope);
      if (known?.baggage === baggage) return known.fields.under(intake);
      const both = Bound.over(intake, fields, scope);
      joined.set(scope, { baggage, fields: both });
      return both;
    } catch {
      // The context is not what the API says it is: a record without baggage beats none.
      return scope;
    }
  };
}

function entriesOf(baggage: Baggage, keys: readonly string[]): Record<string, string> {
  const entries: [string, string][] = [];
  for (const key of keys) {
    const entry = baggage.getEntry(key);
    if (entry !== undefined) entries.push([key, entry.value]);
  }
  return Object.fromEntries(entries);
}
