import { ValueMap } from '../core/value.ts';
import type { Value } from '../core/value.ts';
import { visible } from './json-text.ts';

/** Before each line of a stack. A record begins with its time, so nothing that is indented can pass for one. */
const HEADING_INDENT = '\n  ';
const FRAME_INDENT = '\n    ';
const FRAME = /^\s+at /;
/** Where `logger/exception` begins the stack of a cause or of an inner error. */
const SECTION = /^(?:Caused by|One of \d+): /;

/**
 * A stack trace as a block below its line, empty when there is nothing to show.
 *
 * Only frames and the headings of causes begin a line. A line break anywhere else belongs to a message: it is data, and
 * is shown as `\n`. The first heading is left out where the line says the same, as `exception.message`.
 */
export function stackBlock(stack: string, message: string): string {
  const sections: string[] = [];
  for (const line of stack.split('\n')) {
    const before = sections.pop();
    if (before === undefined) sections.push(line);
    else if (FRAME.test(line) || SECTION.test(line)) sections.push(before, line);
    else sections.push(`${before}\n${line}`);
  }
  let block = '';
  for (const [i, section] of sections.entries()) {
    if (i === 0 && message !== '' && section.endsWith(message)) continue;
    block += (FRAME.test(section) ? FRAME_INDENT : HEADING_INDENT) + visible(section.trim());
  }
  return block;
}

/** An error that stands in a field, as `read-value` reads it, split into its stack and the rest. */
export function errorInField(value: Value): { readonly stack: string; readonly rest: ValueMap } | undefined {
  if (!(value instanceof ValueMap) || value.keys[0] !== 'type' || value.keys[1] !== 'message') return undefined;
  const stack = value.keys[2] === 'stack' ? value.values[2] : undefined;
  if (typeof stack !== 'string') return undefined;
  const rest = ValueMap.from(
    value.keys.map((key, i) => [key, value.values[i] as Value] as const).filter((_, i) => i !== 2),
  );
  return { stack, rest };
}
