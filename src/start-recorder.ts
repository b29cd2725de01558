import type { RecorderSettings } from './config/resolved-settings.ts';
import type { FlightRecorderParts } from './pipeline/flight-recorder.ts';
import { FlightRecorder } from './pipeline/flight-recorder.ts';
import { createUnrefdAfter } from './export/timers.ts';

/** The flight recorder that the settings ask for, if they do. */
export function startRecorder(
  settings: RecorderSettings,
  parts: Omit<FlightRecorderParts, keyof RecorderSettings | 'after'>,
): FlightRecorder | undefined {
  if (!settings.isOn) return undefined;
  return new FlightRecorder({ ...settings, ...parts, after: createUnrefdAfter() });
}
