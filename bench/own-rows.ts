import type { BenchOptions } from './options.ts';
import type { RowName } from './peer-list.ts';

/** A run of spanlog that differs in one way from its plain run, which it is held against. */
export interface OwnRow {
  /** Name of its figures in the results. */
  name: string;
  title: string;
  peer: RowName;
  records: number;
}

/** The runs that show whether the cost of a record stays flat; the first is the one the others are held against. */
export function scaleRows({ peers, records, scaleRecords }: BenchOptions): readonly OwnRow[] {
  if (!peers.includes('spanlog')) return [];
  const count = (value: number): string => value.toLocaleString('en-US');
  const rows: OwnRow[] = [
    { name: 'spanlog', title: `1 logger, ${count(records)} records`, peer: 'spanlog', records },
    { name: 'many loggers', title: `1,000 loggers, ${count(records)} records`, peer: 'spanlog-1000-loggers', records },
  ];
  if (scaleRecords !== undefined) {
    const title = `1 logger, ${count(scaleRecords)} records`;
    rows.push({ name: 'many records', title, peer: 'spanlog', records: scaleRecords });
  }
  return rows;
}

/** The runs that show what a durability costs beside `memory`. */
export function durabilityRows({ peers, records }: BenchOptions): readonly OwnRow[] {
  if (!peers.includes('spanlog')) return [];
  return [
    { name: 'spanlog', title: '`memory`', peer: 'spanlog', records },
    { name: 'disk', title: '`disk`', peer: 'spanlog-disk', records },
    { name: 'sync', title: '`sync`', peer: 'spanlog-sync', records },
  ];
}
