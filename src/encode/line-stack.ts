import { visible } from './json-text.ts';

/** Before each line of a stack. A record begins with its time, so nothing that is indented can pass for one. */
const INDENT = '\n    ';
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
    block += INDENT + visible(section.trim());
  }
  return block;
}
