import { readArray, readProperty } from './foreign.ts';
import { splitList } from './setting-list-type.ts';
import type { SettingType } from './setting-type.ts';

/** What variables can name. `console` is pretty on a terminal and JSON lines otherwise. */
const WORDS: readonly string[] = ['otlp', 'console', 'pretty', 'json', 'none'];

/**
 * Where records go: Destination objects in code, words in a variable. Words become bare objects of the same shape;
 * whether each is a Destination is for `resolve-destinations` to say.
 */
export const DESTINATIONS: SettingType<readonly unknown[]> = {
  label: 'list of destinations; in a variable of `otlp`, `console`, `pretty`, `json`, or `none`',
  fromCode(value, complain) {
    const entries = readArray(value);
    if (entries === undefined) {
      complain({
        code: 'SPANLOG_BAD_TYPE',
        fix: 'Give an array of what the functions of spanlog/destinations return: [otlp(), consolePretty()].',
      });
    }
    return entries;
  },
  fromText(text, complain) {
    const words = [...new Set(splitList(text.toLowerCase()))];
    for (const word of words) {
      if (!WORDS.includes(word)) {
        complain({ code: 'SPANLOG_BAD_CHOICE', fix: `Use one or more of: ${WORDS.join(', ')}.`, value: word });
      }
    }
    const known = words.filter((word) => WORDS.includes(word));
    if (known.includes('none')) {
      if (known.length > 1) {
        complain({ code: 'SPANLOG_CONFLICT', fix: 'Leave out `none`, or all the others; `none` was followed.' });
      }
      return [];
    }
    // Nothing that is known: as if unset, or a typing error would silence the application.
    return known.length === 0 ? undefined : known.map((kind) => ({ kind, options: {} }));
  },
  fromFile(value, complain) {
    const words = typeof value === 'string' ? [value] : readArray(value);
    if (words === undefined || words.some((word) => typeof word !== 'string')) {
      complain({ code: 'SPANLOG_BAD_TYPE', fix: `Give an array of words: ${WORDS.join(', ')}.` });
      return undefined;
    }
    return words.length === 0 ? [] : DESTINATIONS.fromText(words.join(','), complain, '');
  },
  show: (entries) => entries.map((entry) => String(readProperty(entry, 'kind'))).join(', ') || 'none',
};
