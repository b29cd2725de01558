import { isOwnEvent } from '../core/event-check.ts';
import { nearestName } from './nearest-name.ts';
import type { PolicySettings } from './resolved-settings.ts';
import type { OptionsNode, SettingReader } from './setting-reader.ts';
import { namesUnder } from './setting-reader.ts';

/** What the logs are to be like, by the catalogue and the settings beside it. */
export function resolvePolicy(reader: SettingReader, root: OptionsNode): PolicySettings {
  const node = reader.open(root.get('policy'), namesUnder('policy'));
  const retention = reader.open(node.get('retention'), namesUnder('policy.retention'));
  return {
    catalogue: reader.take('catalogue', root.get('catalogue')),
    catalogueCheck: reader.take('catalogueCheck', root.get('catalogueCheck')),
    levels: reader.take('policy.levels', node.get('levels')),
    fieldNames: reader.take('policy.fieldNames', node.get('fieldNames')),
    rename: reader.take('policy.rename', node.get('rename')),
    retention: {
      default: reader.take('policy.retention.default', retention.get('default')),
      events: reader.take('policy.retention.events', retention.get('events')),
      loggers: reader.take('policy.retention.loggers', retention.get('loggers')),
      levels: reader.take('policy.retention.levels', retention.get('levels')),
    },
  };
}

/**
 * With a catalogue, an event that a setting names (`sample.events`, `policy.levels`) and no catalogue declares is most
 * likely a typing error. Called when all settings are read.
 */
export function reportUndeclared(reader: SettingReader, { catalogue }: PolicySettings): void {
  if (catalogue === undefined) return;
  const { declared } = catalogue;
  for (const [path, { value, origin }] of reader.taken) {
    if (!/\.events$|^policy\.levels$/.test(path)) continue;
    for (const name of namesIn(value)) {
      if (declared.has(name) || isOwnEvent(name)) continue;
      const near = nearestName(name, declared.keys());
      const fix = near === undefined ? 'Declare it with defineEvents, or leave it out.' : `Did you mean ${near}?`;
      reader.report(path, origin, { code: 'SPANLOG_UNKNOWN_EVENT', fix, value: name });
    }
  }
}

function namesIn(value: unknown): readonly string[] {
  if (value instanceof Map) return [...(value as ReadonlyMap<string, unknown>).keys()];
  return Array.isArray(value) ? (value as readonly string[]) : [];
}
