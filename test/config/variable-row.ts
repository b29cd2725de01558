import type { Settings } from '../../src/config/resolved-settings.ts';

/** A variable, a text for it, and what it must make of the settings. */
export type VariableRow = readonly [
  variable: string,
  text: string,
  read: (settings: Settings) => unknown,
  expected: unknown,
];
