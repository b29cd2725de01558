/** Names seen before: log calls repeat a handful of literals. Only names, so nothing secret can be kept here. */
const known = new Set<string>();
const MAX_KNOWN = 1_024;

const EVENT_NAME = /^[A-Za-z][\w.-]{0,63}$/;

/** True when `text` is an event's name and not a message. */
export function isEventName(text: string): boolean {
  if (known.has(text)) return true;
  if (!EVENT_NAME.test(text)) return false;
  if (known.size < MAX_KNOWN) known.add(text);
  return true;
}
