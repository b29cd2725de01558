import { domainToASCII } from 'node:url';
import { splitList, WORDS } from './setting-list-type.ts';
import type { Complain, SettingType } from './setting-type.ts';

const FIX = 'Write a name, a name with a port, or `*.` and a suffix: api.internal, api.internal:8443, *.internal.';

/** `*.` at most, then a name or an IPv6 address in brackets, then a port at most. */
const HOST = /^(\*\.)?([^\s:/?#@*[\]]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i;

/**
 * Hosts that outgoing headers may go to, in the spelling that URLs have: lower case, punycode, no dot at the end, IPv6
 * addresses in brackets. What is none is left out: it could only let headers go where nobody meant them to.
 */
export const HOSTS: SettingType<readonly string[]> = {
  ...WORDS,
  label: 'list of hosts: `name`, `name:port`, `*.suffix`',
  fromCode: (value, complain) => knownHosts(WORDS.fromCode(value, complain), complain),
  fromText: (text, complain) => knownHosts(splitList(text), complain),
};

function knownHosts(entries: readonly string[] | undefined, complain: Complain): readonly string[] | undefined {
  return entries?.flatMap((entry, i) => {
    const host = hostOf(entry);
    if (host !== undefined) return [host];
    complain({ code: 'SPANLOG_BAD_HOST', fix: FIX, key: String(i), value: entry });
    return [];
  });
}

function hostOf(entry: string): string | undefined {
  const [, wildcard = '', name = '', port] = HOST.exec(entry) ?? HOST.exec(`[${entry}]`) ?? [];
  const ascii = asciiName(name);
  if (ascii === '' || Number(port ?? 1) > 65_535 || Number(port ?? 1) === 0) return undefined;
  // An address has no names below it.
  if (wildcard !== '' && (ascii.startsWith('[') || /^[\d.]+$/.test(ascii))) return undefined;
  return `${wildcard}${ascii}${port === undefined ? '' : `:${Number(port)}`}`;
}

function asciiName(name: string): string {
  if (!name.startsWith('[')) return domainToASCII(name.replace(/\.$/, ''));
  try {
    // As URLs spell it: the shortest form.
    return new URL(`http://${name}`).hostname;
  } catch {
    // Brackets around what is no address.
    return '';
  }
}
