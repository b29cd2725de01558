import { Classified } from '../core/classified.ts';
import { isPlain } from './fields.ts';
import { mergedFields } from './merged-fields.ts';

/** The classes of fields, by name. */
export type FieldClasses = Iterable<readonly [name: string, kind: string]>;

/**
 * A copy of the fields in which those that have a class are wrapped, as `pii()` and `secret()` wrap a value. It has what a
 * record would have of them: an object that says itself what is shown of it (`toJSON`) has no more fields than that.
 */
export function markedFields(classes: FieldClasses, fields: unknown): Readonly<Record<string, unknown>> {
  const marked: Record<string, PropertyDescriptor> = Object.getOwnPropertyDescriptors(mergedFields({}, [fields]));
  for (const [name, kind] of classes) {
    const field = Object.hasOwn(marked, name) ? marked[name] : undefined;
    if (field === undefined) continue;
    // A field that throws when it is read has a getter, and tells what was thrown.
    const value: unknown = field.get === undefined ? field.value : '[Throws]';
    const isMarked = value instanceof Classified && value.kind === kind;
    if (value === undefined || value === null || isMarked) continue;
    marked[name] = { value: new Classified(kind, value), enumerable: true, configurable: true };
  }
  return Object.defineProperties({}, marked);
}

/** A body that is an object has what its author took for fields. Anything else is returned as it is. */
export function markedBody(classes: ReadonlyMap<string, string> | undefined, body: unknown): unknown {
  if (classes === undefined || typeof body !== 'object' || body === null) return body;
  try {
    return isPlain(body) ? markedFields(classes, body) : body;
  } catch {
    // A proxy that won't say what it is: its reader knows what to say of it.
    return body;
  }
}
