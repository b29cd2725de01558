import type { ClassPolicy, Disclosure } from '../core/disclosure.ts';
import { DISCLOSURES, SECRET_CLASS, showsSome } from '../core/disclosure.ts';
import { anyName, mapOf } from './setting-list-type.ts';
import type { SettingType } from './setting-type.ts';
import { choice } from './setting-type.ts';
import type { Setting } from './setting-values.ts';

const DISCLOSURE: SettingType<Disclosure> = choice(DISCLOSURES);
const FORM = '`{ class: disclosure }`; `plain`, `partial`, `hash`, `mask` or `drop`';
/** Left out, a class with a wrong word would be shown as `*` says. */
const MAP = mapOf(DISCLOSURE, FORM, anyName, 'mask');

/** What a destination may see of each data class. That of secrets can't be opened. */
const CLASSES: SettingType<ClassPolicy> = {
  ...MAP,
  fromCode(value, complain) {
    const policy = MAP.fromCode(value, complain);
    const given = policy?.get(SECRET_CLASS);
    if (policy === undefined || given === undefined || !showsSome(given)) return policy;
    complain({
      code: 'SPANLOG_UNSAFE_MASK',
      fix: 'Use mask, hash or drop: no destination sees any part of a secret. What may be seen is no secret(); mark it pii().',
      key: SECRET_CLASS,
      value: given,
    });
    return new Map([...policy].filter(([name]) => name !== SECRET_CLASS));
  },
};

/** The row of a destination's `classes`. */
export const CLASSES_ROW: Setting<ClassPolicy> = {
  type: CLASSES,
  env: [],
  fallback: new Map(),
  text:
    'What it may see of classified values, by class (`secret`, `pii`, those of the event catalogue; `*` is all that are ' +
    'not named): `drop`, `mask`, `partial`, `hash` or `plain`. A class of which nothing is said is masked. A `secret` is ' +
    'never `plain` or `partial`.',
};
