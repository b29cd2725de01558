import type { ClassPolicy } from './disclosure.ts';
import { DROPPED, ValueMap, Varied } from './value.ts';
import type { Value } from './value.ts';

/**
 * What one group of destinations may see of classified values. Destinations with the same policy share a view, and so
 * the bytes of a record. With masks alone, which is the default, no `Varied` is ever made.
 */
export interface View {
  /** Into `Varied.views`. */
  readonly index: number;
  /** Whether it leaves anything out, so that it must be counted. */
  readonly drops: boolean;
}

/** The views of all destinations of one configuration. */
export interface Views {
  /** What each view shows of the data classes, by its index. One at least. */
  readonly policies: readonly ClassPolicy[];
  /** The view of a destination with this policy. */
  of(policy: ClassPolicy): View;
}

/** Groups destinations by what they may see. */
export function viewsOf(policies: Iterable<ClassPolicy>): Views {
  const known = new Map<string, View>();
  const distinct: ClassPolicy[] = [];
  const of = (policy: ClassPolicy): View => {
    const key = JSON.stringify([...policy].sort(([a], [b]) => (a < b ? -1 : 1)));
    let view = known.get(key);
    if (view === undefined) {
      view = { index: distinct.length, drops: [...policy.values()].includes('drop') };
      known.set(key, view);
      distinct.push(policy);
    }
    return view;
  };
  for (const policy of policies) of(policy);
  if (distinct.length === 0) of(new Map());
  return { policies: distinct, of };
}

/** Of those who know of no others. */
export const ONLY_VIEW: View = Object.freeze({ index: 0, drops: false });

/** What `view` shows of a field or a body. */
export function shownIn(view: View, value: Value): Value | typeof DROPPED {
  if (typeof value !== 'object' || !(value instanceof Varied)) return value;
  const shown = value.views[view.index];
  return shown === undefined ? value.hidden : shown;
}

/** What may be shown to anyone, where there is no view: of a scope, of the resource. */
export function hiddenForm(value: Value): Value {
  return value instanceof Varied ? value.hidden : value;
}

/** A container that holds a `Varied` becomes one; everything else is returned as it is. */
export function liftVaried(value: Value): Value {
  const first = firstVaried(value);
  if (first === undefined || first === value) return value;
  const views = first.views.map((_, index) => projected(value, (varied) => varied.views[index] ?? DROPPED));
  const hidden = projected(value, (varied) => varied.hidden);
  return new Varied(views, hidden === DROPPED ? null : hidden);
}

/** A value as one view shows it, to its depth. */
export function projectedTo(index: number, value: Value): Value | typeof DROPPED {
  return projected(value, (varied) => varied.views[index] ?? DROPPED);
}

function firstVaried(value: Value): Varied | undefined {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return undefined;
  if (value instanceof Varied) return value;
  for (const inner of value instanceof ValueMap ? value.values : value) {
    const found = firstVaried(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}

function projected(value: Value, pick: (varied: Varied) => Value | typeof DROPPED): Value | typeof DROPPED {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (value instanceof Varied) return pick(value);
  if (value instanceof ValueMap) {
    const map = new ValueMap();
    for (let i = 0; i < value.keys.length; i++) {
      const shown = projected(value.values[i] as Value, pick);
      if (shown === DROPPED) continue;
      map.keys.push(value.keys[i] as string);
      map.values.push(shown);
    }
    return map;
  }
  return value.map((inner) => projected(inner, pick)).filter((shown) => shown !== DROPPED);
}
