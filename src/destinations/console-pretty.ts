import { isatty } from 'node:tty';
import type { TextSettings } from '../config/resolved-settings.ts';
import type { Encoder } from '../core/record.ts';
import type { Transport } from '../core/transport.ts';
import type { ValueMap } from '../core/value.ts';
import type { View } from '../core/view.ts';
import { createLineEncoder } from '../encode/line.ts';
import { createFdTransport } from './fd-transport.ts';

/** What a text destination must know besides its settings. */
export interface TextParts {
  /** Index into `BoundFields.encoded`. */
  readonly slot: number;
  /** Who is logging. */
  readonly resource: ValueMap;
  /** What it may see. */
  readonly view: View;
}

/** How a destination writes records, and to where. Nothing is opened before the first record. */
export interface TextDestination {
  readonly encoder: Encoder;
  readonly transport: Transport;
}

/** File descriptors by their names. */
export const STREAM_FD = { stdout: 1, stderr: 2 } as const;

/** Lines for people; columns where a person is likely to watch. */
export function createConsolePretty(settings: TextSettings, parts: TextParts): TextDestination {
  const fd = STREAM_FD[settings.stream];
  const { colors } = settings;
  return {
    encoder: createLineEncoder({ ...parts, colors, columns: colors || isatty(fd) }),
    transport: createFdTransport(fd),
  };
}
