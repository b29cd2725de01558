/** Tells a value from what is written where there is none: nothing, a placeholder, the next word of a sentence. */

/** What stands for a value where there is none, and the words an error message goes on with. */
const NO_VALUES: ReadonlySet<string> = new Set(
  (
    'null undefined none nil true false yes no on off enabled disabled empty missing required invalid expired incorrect ' +
    'wrong unset optional unknown failed error ok success rejected denied revoked unauthorized unexpected is are was ' +
    'were must should cannot can could does do did has have not too at in for from to of the a an and or with by ' +
    'string number boolean object array function any never void new await typeof get set include omit same-origin ' +
    'redacted filtered hidden masked removed changed reset updated created deleted generated refreshed verified rotated ' +
    'sent length token password secret key bearer basic field header please your this that it will may but if when'
  ).split(' '),
);
const PLACEHOLDER =
  /^(?:\*+|•+|\.{3}|[-?._]{1,3}|x{3,}|<[^<>]*>|\$\{[^}]*\}|\$\([^)]*\)|\$(?:[A-Za-z_]\w*|\d{1,2})|\{[A-Za-z_.]+\}|\{\{[^}]*\}\}|%[A-Za-z_]\w*%|%[sdjo]|\[[\w: .*…-]*\]|\((?:not |un)?(?:set|none|null|empty|hidden|redacted|masked|configured)\))$/i;

/** `whole` values (in quotes) are judged as a whole; without quotes, the first word tells whether a sentence goes on. */
export function isNoValue(value: string, whole = false): boolean {
  if (value === '' || PLACEHOLDER.test(value)) return true;
  const word = value.replace(/[^\p{L}\p{N}_-]+$/u, '').toLowerCase();
  // `PasswordAuthentication=0`: a switch, no secret of one digit.
  if (word === '0' || word === '1') return true;
  return NO_VALUES.has(whole ? word : (word.split(' ')[0] as string));
}
