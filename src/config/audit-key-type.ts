import { splitList } from './setting-list-type.ts';
import { scalar } from './setting-type.ts';
import type { SettingType } from './setting-type.ts';

/** A secret for the chain of an audit trail, and the name by which its lines say that they were made with it. */
export interface AuditKeySetting {
  readonly id: string;
  readonly secret: string;
}

/** 128 bits in hex have 32 characters, in base64 22. */
const KEY = /^([\w.-]{1,32}):(\S{22,})$/;

/** The keys of a text, the one in use first; `undefined` when one of them is none. */
export function parseAuditKeys(text: string): readonly AuditKeySetting[] | undefined {
  const keys = splitList(text).map((entry) => {
    const match = KEY.exec(entry);
    return match === null ? undefined : { id: match[1] as string, secret: match[2] as string };
  });
  const isSound = keys.length > 0 && keys.every((key) => key !== undefined);
  return isSound && new Set(keys.map(({ id }) => id)).size === keys.length ? keys : undefined;
}

/** `id:secret`; older ones may follow, so that one variable serves those who write and those who verify. */
export const AUDIT_KEY: SettingType<readonly AuditKeySetting[]> = scalar({
  label: '`id:secret`, and older ones behind it, with commas between them',
  code: 'SPANLOG_BAD_AUDIT_KEY',
  fix: 'Give an id, a colon and a secret of 22 characters or more, such as 2026a:$(openssl rand -hex 32). Without one the chain has no key.',
  read: (value) => (typeof value === 'string' ? parseAuditKeys(value) : undefined),
  show: (keys) => keys.map(({ id }) => `${id}:…`).join(', '),
});
