import { join } from 'node:path';
import { startChild } from '../support/child-process.ts';
import type { Child, ChildOptions, Ended } from '../support/child-process.ts';
import { REGISTER } from '../process/app.ts';

export interface FaultAppOptions extends Omit<ChildOptions, 'args'> {
  /** `--import` arguments before spanlog's own. */
  readonly preloads?: readonly string[];
  readonly flags?: readonly string[];
}

/** Starts one of the applications beside this file, under `node --import spanlog/register`. */
export function startFaultApp(name: string, args: readonly (string | number)[], options: FaultAppOptions = {}): Child {
  const { preloads = [], flags = [], ...rest } = options;
  return startChild({
    ...rest,
    args: [
      ...flags,
      ...preloads.flatMap((file) => ['--import', file]),
      ...REGISTER,
      join(import.meta.dirname, 'apps', `${name}.ts`),
      ...args.map(String),
    ],
  });
}

export function runFaultApp(
  name: string,
  args: readonly (string | number)[],
  options: FaultAppOptions = {},
): Promise<Ended> {
  return startFaultApp(name, args, options).ended;
}

/** Variables that point a process to a collector. */
export function pointedTo(endpoint: string): { OTEL_EXPORTER_OTLP_ENDPOINT: string } {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
}

/** 0, 1, … `count` - 1: what the applications number their records by. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
