import type { MeasureName } from './results.ts';

/** What spanlog, with redaction on, may cost: a share of what `of` does, or a share of the records delivered. */
export interface Budget {
  measure: MeasureName;
  label: string;
  of: string;
  limit: number;
  kind: 'at-most' | 'at-least';
}

const SDK = 'sdk-logs + OTLP protobuf';

/** The project's targets; a change of these belongs in a decision note. */
export const BUDGETS: readonly Budget[] = [
  { measure: 'call', label: 'in the call', of: SDK, limit: 0.6, kind: 'at-most' },
  { measure: 'mainThread', label: 'main thread in all', of: SDK, limit: 0.25, kind: 'at-most' },
  { measure: 'cpu', label: 'CPU in all', of: SDK, limit: 0.35, kind: 'at-most' },
  { measure: 'memory', label: 'memory of queued records', of: SDK, limit: 0.3, kind: 'at-most' },
  { measure: 'disabled', label: 'a disabled level', of: 'pino', limit: 0.5, kind: 'at-most' },
  { measure: 'burstAtOnce', label: 'burst at once, delivered', of: 'all records', limit: 1, kind: 'at-least' },
  { measure: 'burstSpread', label: 'burst over 20 turns, delivered', of: 'all records', limit: 1, kind: 'at-least' },
];

/** An aim rather than a budget: a call may cost this many times `JSON.stringify` of its fields. */
export const STRINGIFY_AIM = 2;
