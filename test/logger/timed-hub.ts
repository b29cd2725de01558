/** A logger whose time passes when a test says so. */
import type { Logger } from '../../src/index.ts';
import { createRecordingHub } from '../support/recording-hub.ts';
import type { Recording } from '../support/recording-hub.ts';
import { SteppedTime } from '../support/stepped-time.ts';

export function start(): Recording & { readonly time: SteppedTime; readonly log: Logger } {
  const time = new SteppedTime();
  const recording = createRecordingHub({ time });
  return { ...recording, time, log: recording.hub.getLogger('timing') };
}

/** Level, outcome and duration of each record. */
export function ends({ records, attributes }: Recording): unknown[] {
  return records.map(({ severityText }, i) => [severityText, attributes(i).outcome, attributes(i).duration_ms]);
}
