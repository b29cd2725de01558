import type { RecorderSettings } from './config/resolved-settings.ts';
import type { FlightRecorderParts } from './pipeline/flight-recorder.ts';
import { FlightRecorder } from './pipeline/flight-recorder.ts';
import { createSystemTimers } from './export/timers.ts';

/** The flight recorder that the settings ask for, if they do and there is a destination: logging may be disabled. */
export function startRecorder(
  settings: RecorderSettings,
  parts: Omit<FlightRecorderParts, keyof RecorderSettings | 'after'>,
): FlightRecorder | undefined {
  if (!settings.isOn || parts.sinks.length === 0) return undefined;
  const timers = createSystemTimers();
  return new FlightRecorder({ ...settings, ...parts, after: (delayMs, run) => timers.after(delayMs, run, false) });
}
