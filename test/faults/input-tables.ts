import { HOSTILE_OBJECTS } from './input-hostile-values.ts';
import type { Hostile } from './input-hostile-values.ts';
import { CONTROL_TEXTS, GIANTS, GRAPHS, HARD_TEXTS, ODD_PRIMITIVES, OWN_NAMES } from './input-odd-values.ts';

/** The tables that `apps/input-matrix.ts` puts into every place. */
export const TABLES: Readonly<Record<string, Hostile>> = {
  objects: HOSTILE_OBJECTS,
  graphs: GRAPHS,
  giants: GIANTS,
  primitives: ODD_PRIMITIVES,
  texts: HARD_TEXTS,
  names: OWN_NAMES,
  controls: CONTROL_TEXTS,
};
