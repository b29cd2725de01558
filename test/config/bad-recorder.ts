import type { BadSettingRow } from './bad-setting-row.ts';

/** Mistakes in what the flight recorder is told. */
export const BAD_RECORDER: readonly BadSettingRow[] = [
  {
    title: 'a flight recorder that is neither on nor off stays off',
    options: { flightRecorder: 'on' },
    code: 'SPANLOG_BAD_TYPE',
    setting: 'flightRecorder',
    value: '"on"',
    origin: 'code',
    fix: /true, false, or an object/,
    instead: (settings) => settings.flightRecorder.isOn,
    expected: false,
  },
  {
    title: 'a flight recorder with a level that there is not records from its default on',
    options: { flightRecorder: { level: 'verbose' } },
    code: 'SPANLOG_BAD_LEVEL',
    setting: 'flightRecorder.level',
    value: '"verbose"',
    origin: 'code',
    fix: /Use one of: trace, debug/,
    instead: (settings) => [settings.flightRecorder.isOn, settings.flightRecorder.level],
    expected: [true, 5],
  },
  {
    title: 'a ring of the flight recorder that is larger than all of them takes what there is',
    options: { flightRecorder: { maxBytes: 200_000, totalBytes: 100_000 } },
    code: 'SPANLOG_CONFLICT',
    setting: 'flightRecorder.maxBytes',
    value: '200000',
    origin: 'code',
    fix: /at most flightRecorder.totalBytes, which is 100000/,
    instead: (settings) => settings.flightRecorder.maxBytes,
    expected: 100_000,
  },
  {
    title: 'a flight recorder without any room, in a variable',
    env: { SPANLOG_FLIGHT_RECORDER_TOTAL_BYTES: '0' },
    code: 'SPANLOG_BAD_NUMBER',
    setting: 'flightRecorder.totalBytes',
    value: '"0"',
    origin: 'env SPANLOG_FLIGHT_RECORDER_TOTAL_BYTES',
    fix: /bytes, 65536 or more/,
    instead: (settings) => settings.flightRecorder.totalBytes,
    expected: 16 * 1_024 * 1_024,
  },
];
