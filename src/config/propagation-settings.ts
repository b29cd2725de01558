import { HOSTS } from './host-list-type.ts';
import { splitList, TEXTS, WORDS } from './setting-list-type.ts';
import type { Complain, SettingType } from './setting-type.ts';
import type { SettingPath, SettingTable } from './setting-values.ts';

/** Which part of the table says what crosses to other services, and what comes from them. */
export type PropagationPath = Extract<SettingPath, 'baggage' | `propagate.${string}`>;

/** What a key of baggage may consist of (W3C Baggage: a token of RFC 9110). */
const TOKEN = /^[!#$%&'+.^_`|~0-9a-z-]+$/i;

const BAGGAGE_KEYS: SettingType<readonly string[]> = {
  ...TEXTS,
  label: 'list of keys',
  fromCode: (value, complain) => knownKeys(WORDS.fromCode(value, complain), complain),
  fromText: (text, complain) => knownKeys(splitList(text), complain),
};

function knownKeys(keys: readonly string[] | undefined, complain: Complain): readonly string[] | undefined {
  return keys?.filter((key, i) => {
    const isKey = TOKEN.test(key);
    if (!isKey) {
      const fix = 'Name each key in full, such as tenant or user.tier: what other services send is taken by name only.';
      complain({ code: 'SPANLOG_BAD_LIST', fix, key: String(i), value: key });
    }
    return isKey;
  });
}

/** The rows of the table that say what crosses between services. */
export const PROPAGATION_SETTINGS: SettingTable<PropagationPath> = {
  'propagate.hosts': {
    type: HOSTS,
    env: ['SPANLOG_PROPAGATE_HOSTS'],
    fallback: [],
    text:
      'Hosts that requests carry the request id and the trace context to. A name without a port means each of its ' +
      'ports; `*.suffix` means every name below the suffix.',
  },
  baggage: {
    type: BAGGAGE_KEYS,
    env: ['SPANLOG_BAGGAGE'],
    fallback: [],
    text: 'Keys of the active OTel baggage that become fields of each record.',
  },
};
