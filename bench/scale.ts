import type { BenchOptions } from './options.ts';
import type { RowName } from './peer-list.ts';

/** A run of spanlog that is larger in one way; its cost per record should be that of the plain run. */
export interface ScaleRow {
  /** Name of its figures in the results. */
  name: string;
  title: string;
  peer: RowName;
  records: number;
}

/** The runs that show whether the cost of a record stays flat; the first is the one the others are held against. */
export function scaleRows({ peers, records, scaleRecords }: BenchOptions): readonly ScaleRow[] {
  if (!peers.includes('spanlog')) return [];
  const count = (value: number): string => value.toLocaleString('en-US');
  const rows: ScaleRow[] = [
    { name: 'spanlog', title: `1 logger, ${count(records)} records`, peer: 'spanlog', records },
    { name: 'many loggers', title: `1,000 loggers, ${count(records)} records`, peer: 'spanlog-1000-loggers', records },
  ];
  if (scaleRecords !== undefined) {
    const title = `1 logger, ${count(scaleRecords)} records`;
    rows.push({ name: 'many records', title, peer: 'spanlog', records: scaleRecords });
  }
  return rows;
}
