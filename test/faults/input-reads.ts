import type { InputReport } from './input-run.ts';

/** What `apps/input-reads.ts` reports. */
export interface ReadsReport extends InputReport {
  /** How often each object was read. */
  readonly counts: Readonly<Record<string, number>>;
}
