import type { RecorderSettings } from './resolved-settings.ts';
import type { OptionsNode, SettingReader } from './setting-reader.ts';
import { namesUnder } from './setting-reader.ts';

/** What the flight recorder holds, if it is on. */
export function resolveRecorder(reader: SettingReader, root: OptionsNode): RecorderSettings {
  const given = root.get('flightRecorder');
  const isOn = reader.take('flightRecorder', given);
  const node = reader.openSwitched(given, namesUnder('flightRecorder'));
  const level = reader.take('flightRecorder.level', node.get('level'));
  const totalBytes = reader.take('flightRecorder.totalBytes', node.get('totalBytes'));
  const one = reader.read('flightRecorder.maxBytes', node.get('maxBytes'));
  if (one.value > totalBytes && one.origin !== 'default') {
    const fix = `Give at most flightRecorder.totalBytes, which is ${totalBytes}; that many are used.`;
    reader.report('flightRecorder.maxBytes', one.origin, { code: 'SPANLOG_CONFLICT', fix, value: one.value });
  }
  const maxBytes = Math.min(one.value, totalBytes);
  reader.explain('flightRecorder.maxBytes', { value: maxBytes, origin: one.origin });
  const maxAgeMs = reader.take('flightRecorder.maxAgeMs', node.get('maxAgeMs'));
  const slowMs = reader.take('flightRecorder.slowMs', node.get('slowMs'));
  return { isOn, level, maxBytes, totalBytes, maxAgeMs, slowMs };
}
