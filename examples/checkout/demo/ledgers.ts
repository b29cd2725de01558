/** The ledgers of the services beside what the receiver holds. */
import type { Counts, Ledger } from 'spanlog';
import { heading, paint, table } from './terminal.ts';

/** A service's ledger; undefined when it did not tell one. */
export interface ServiceLedger {
  readonly service: string;
  readonly ledger: Ledger | undefined;
}

/** The name that `SPANLOG_DESTINATIONS=otlp,…` gives the destination. */
const OTLP = 'otlp';

/** `received` is what the receiver holds per service; undefined when it is somebody else's. */
export function tellLedgers(
  ledgers: readonly ServiceLedger[],
  received: ReadonlyMap<string, number> | undefined,
): string[] {
  const head = [
    '',
    'emitted',
    'delivered',
    'discarded',
    'dropped',
    'pending',
    ...(received === undefined ? [] : ['receiver holds']),
  ];
  const rows = ledgers.map(({ service, ledger }) => {
    const otlp = ledger?.destinations[OTLP];
    const held = received?.get(service) ?? 0;
    const cells =
      otlp === undefined
        ? ['?', '?', '?', '?', '?']
        : [otlp.emitted, otlp.delivered, otlp.discarded, lostOf(otlp), otlp.pending];
    const sign = held === otlp?.delivered ? paint('green', ' =') : paint('red', ' ≠');
    return [paint('bold', service), ...cells.map(String), ...(received === undefined ? [] : [`${held}${sign}`])];
  });
  const figures = head.map((_, i) => i).slice(1);
  return [
    heading('The ledgers: what became of every record'),
    ...table([head.map((cell) => paint('dim', cell)), ...rows], figures).map((line) => `  ${line}`),
  ];
}

/** What does not add up, one sentence each; empty when all does. */
export function findLosses(
  ledgers: readonly ServiceLedger[],
  received: ReadonlyMap<string, number> | undefined,
): string[] {
  return ledgers.flatMap(({ service, ledger }) => {
    const otlp = ledger?.destinations[OTLP];
    if (ledger === undefined || otlp === undefined) return [`lost: ${service} told no ledger`];
    const problems: string[] = [];
    for (const [name, counts] of Object.entries(ledger.destinations)) {
      const lost = lostOf(counts);
      if (lost > 0) problems.push(`lost: ${service} → ${name}: ${lost} records (${reasons(counts)})`);
      if (counts.pending > 0) problems.push(`lost: ${service} → ${name}: ${counts.pending} records were still pending`);
    }
    if (!ledger.balanced) problems.push(`the ledger of ${service} does not balance`);
    const held = received?.get(service) ?? 0;
    if (received !== undefined && held !== otlp.delivered) {
      problems.push(`lost: ${service} counts ${otlp.delivered} delivered, the receiver holds ${held}`);
    }
    return problems;
  });
}

/** The sum over all services of what the receiver acknowledged. */
export function deliveredTotal(ledgers: readonly ServiceLedger[]): number {
  return ledgers.reduce((sum, { ledger }) => sum + (ledger?.destinations[OTLP]?.delivered ?? 0), 0);
}

function lostOf({ dropped, rejected }: Counts): number {
  return Object.values(dropped).reduce((sum, count) => sum + count, rejected);
}

function reasons({ dropped, rejected }: Counts): string {
  const parts = Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`);
  return [...parts, ...(rejected > 0 ? [`${rejected} rejected`] : [])].join(', ');
}
