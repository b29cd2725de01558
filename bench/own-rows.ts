import type { BenchOptions } from './options.ts';
import type { PeerName, RowName } from './peer-list.ts';

/** A run that differs in one way from the plain run of the same logger, which it is held against. */
export interface OwnRow {
  /** Name of its figures in the results. */
  name: string;
  title: string;
  peer: RowName;
  records: number;
  /** The plain run. A row of the same name is that run itself, which every round has already had. */
  against: PeerName;
}

/** The runs that show whether the cost of a record stays flat. */
export function scaleRows({ peers, records, scaleRecords }: BenchOptions): readonly OwnRow[] {
  if (!peers.includes('spanlog')) return [];
  const count = (value: number): string => value.toLocaleString('en-US');
  const one = (total: number): string => `1 logger, ${count(total)} records`;
  const rows: OwnRow[] = [
    { name: 'spanlog', title: one(records), peer: 'spanlog', records, against: 'spanlog' },
    {
      name: 'many loggers',
      title: `1,000 loggers, ${count(records)} records`,
      peer: 'spanlog-1000-loggers',
      records,
      against: 'spanlog',
    },
  ];
  if (scaleRecords !== undefined) {
    const title = one(scaleRecords);
    rows.push({ name: 'many records', title, peer: 'spanlog', records: scaleRecords, against: 'spanlog' });
  }
  return rows;
}

/** The runs that show what a durability costs beside `memory`. */
export function durabilityRows({ peers, records }: BenchOptions): readonly OwnRow[] {
  if (!peers.includes('spanlog')) return [];
  const row = (name: string, title: string, peer: RowName): OwnRow => ({
    name,
    title,
    peer,
    records,
    against: 'spanlog',
  });
  return [
    row('spanlog', '`memory`', 'spanlog'),
    row('disk', '`disk`', 'spanlog-disk'),
    row('sync', '`sync`', 'spanlog-sync'),
  ];
}

/** The runs that show what other ways of calling cost, with a peer beside them where it has the same thing. */
export function callRows({ peers, records }: BenchOptions): readonly OwnRow[] {
  const row = (peer: RowName, against: PeerName, title: string): OwnRow => ({
    name: peer,
    title,
    peer,
    records,
    against,
  });
  return [
    row('spanlog', 'spanlog', '**spanlog**, five fields'),
    row('spanlog-child', 'spanlog', '**spanlog**, five fields, child logger with five more'),
    row('spanlog-template', 'spanlog', '**spanlog**, template with two fields'),
    row('spanlog-timed', 'spanlog', '**spanlog**, `timed` with five fields'),
    row('sdk-logs-proto', 'sdk-logs-proto', 'sdk-logs + OTLP protobuf, five attributes'),
    row('sdk-logs-ten-attributes', 'sdk-logs-proto', 'sdk-logs + OTLP protobuf, five attributes and five more'),
    row('pino-opentelemetry-transport', 'pino-opentelemetry-transport', 'pino + transport, five fields'),
    row('pino-child', 'pino-opentelemetry-transport', 'pino + transport, five fields, child logger with five more'),
  ].filter(({ against }) => peers.includes(against));
}

/** All of these that are runs of their own. */
export function ownRuns(options: BenchOptions): readonly OwnRow[] {
  const rows = [...scaleRows(options), ...durabilityRows(options), ...callRows(options)];
  return rows.filter(({ name, against }) => name !== against);
}
