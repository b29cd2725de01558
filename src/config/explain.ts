import type { ValueMap } from '../core/value.ts';
import type { ServiceSettings } from './resolved-settings.ts';
import { SERVICE_ATTRIBUTES } from './resource-attributes.ts';
import type { SettingOrigin } from './setting-reader.ts';

/** What is in force, with what was detected in the place of the service's defaults. */
export function explainSettings(origins: readonly SettingOrigin[], resource: ValueMap): SettingOrigin[] {
  return origins.map((row) => {
    const key = row.setting.startsWith('service.') ? row.setting.slice('service.'.length) : undefined;
    if (key === undefined || row.origin !== 'default') return row;
    const detected = resource.get(SERVICE_ATTRIBUTES[key as keyof ServiceSettings]);
    return typeof detected === 'string' ? { ...row, value: detected } : row;
  });
}
