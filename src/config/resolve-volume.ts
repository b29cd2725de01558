import type { DedupeSettings, RateLimitSettings, SampleSettings } from './resolved-settings.ts';
import type { OptionsNode, SettingReader } from './setting-reader.ts';
import { namesUnder } from './setting-reader.ts';
import { SETTINGS } from './settings.ts';

export interface VolumeSettings {
  readonly sample: SampleSettings;
  readonly rateLimit: RateLimitSettings;
  readonly dedupe: DedupeSettings;
}

/** How much is logged. */
export function resolveVolume(reader: SettingReader, root: OptionsNode): VolumeSettings {
  return {
    sample: resolveSample(reader, root),
    rateLimit: resolveRateLimit(reader, root),
    dedupe: resolveDedupe(reader, root),
  };
}

function resolveSample(reader: SettingReader, root: OptionsNode): SampleSettings {
  const node = reader.open(root.get('sample'), namesUnder('sample'));
  return {
    rate: reader.take('sample.rate', node.get('rate')),
    events: reader.take('sample.events', node.get('events')),
    loggers: reader.take('sample.loggers', node.get('loggers')),
    levels: reader.take('sample.levels', node.get('levels')),
  };
}

function resolveRateLimit(reader: SettingReader, root: OptionsNode): RateLimitSettings {
  const node = reader.open(root.get('rateLimit'), namesUnder('rateLimit'));
  return {
    rate: reader.take('rateLimit.rate', node.get('rate')),
    events: reader.take('rateLimit.events', node.get('events')),
    loggers: reader.take('rateLimit.loggers', node.get('loggers')),
    noticePerMinute: reader.take('rateLimit.noticePerMinute', node.get('noticePerMinute')),
    maxKeys: reader.take('rateLimit.maxKeys', node.get('maxKeys')),
    summaryMs: reader.take('rateLimit.summaryMs', node.get('summaryMs')),
  };
}

function resolveDedupe(reader: SettingReader, root: OptionsNode): DedupeSettings {
  const given = root.get('dedupe');
  const isOn = reader.take('dedupe', given);
  const node = reader.openSwitched(given, namesUnder('dedupe'));
  const added = reader.read('dedupe.ignore', node.get('ignore'));
  // Who names a field that differs in their records does not want those of spanlog compared again.
  const ignore = [...new Set([...SETTINGS['dedupe.ignore'].fallback, ...added.value])];
  reader.explain('dedupe.ignore', { value: ignore, origin: added.origin });
  return {
    isOn,
    windowMs: reader.take('dedupe.windowMs', node.get('windowMs')),
    ignore,
    maxKeys: reader.take('dedupe.maxKeys', node.get('maxKeys')),
    maxBytes: reader.take('dedupe.maxBytes', node.get('maxBytes')),
  };
}
