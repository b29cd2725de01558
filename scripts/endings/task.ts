import type { EndName } from './ends.ts';
import type { SetUpName, StartOptions } from './set-ups.ts';

/** What `app.ts` is told. */
export interface Task {
  readonly setUp: SetUpName;
  /** `stay`: the next start of the same application, which lives until it is told to go. */
  readonly end: EndName | 'stay';
  readonly records: number;
  readonly options: StartOptions;
}

/** Printed right after the last call returned, with the time. */
export const LOGGED = 'logged at ';
