import type { SettingType } from './setting-type.ts';
import { scalar } from './setting-type.ts';
import { hideCredentials } from './value-text.ts';

/**
 * A URL with scheme http or https. `schemeless` is what an address without a scheme gets; only gRPC's addresses may be
 * written so (OTLP exporter specification, "Endpoint (OTLP/gRPC)" and "Insecure").
 */
export function endpoint(schemeless?: 'http' | 'https'): SettingType<string> {
  return scalar({
    label: 'URL',
    code: 'SPANLOG_BAD_ENDPOINT',
    fix: 'Write the whole URL with its scheme, http or https, such as http://localhost:4318.',
    read: (value) => {
      if (typeof value !== 'string') return undefined;
      const text = value.trim();
      const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
      if (!hasScheme && schemeless === undefined) return undefined;
      const whole = hasScheme ? text : `${schemeless ?? ''}://${text}`;
      if (!URL.canParse(whole)) return undefined;
      const url = new URL(whole);
      return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
    },
    show: hideCredentials,
  });
}

export const ENDPOINT: SettingType<string> = endpoint();

/** The URL for logs below a base: its path is kept, with or without a slash at its end (OTLP exporter, "Endpoint URLs"). */
export function logsUrl(base: string): string {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/logs`;
  return url.href;
}
