import type { RecorderSettings } from './config/resolved-settings.ts';
import type { FlightRecorderParts } from './pipeline/flight-recorder.ts';
import { FlightRecorder } from './pipeline/flight-recorder.ts';
import { createSystemTimers } from './export/timers.ts';

/** The flight recorder that the settings ask for, if they do. */
export function startRecorder(
  settings: RecorderSettings,
  parts: Omit<FlightRecorderParts, keyof RecorderSettings | 'after'>,
): FlightRecorder | undefined {
  if (!settings.isOn) return undefined;
  const timers = createSystemTimers();
  return new FlightRecorder({ ...settings, ...parts, after: (delayMs, run) => timers.after(delayMs, run, false) });
}
