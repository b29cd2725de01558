import type { TextSettings } from '../config/resolved-settings.ts';
import { createJsonLineEncoder } from '../encode/json-line.ts';
import { STREAM_FD } from './console-pretty.ts';
import type { TextDestination, TextParts } from './console-pretty.ts';
import { createFdTransport } from './fd-transport.ts';

/** One JSON object per line, for machines. */
export function createJsonLines(settings: Pick<TextSettings, 'stream'>, parts: TextParts): TextDestination {
  return { encoder: createJsonLineEncoder(parts), transport: createFdTransport(STREAM_FD[settings.stream]) };
}
