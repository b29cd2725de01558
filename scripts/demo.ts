/**
 * `npm run demo`: three services, one incident, told by correlated logs. With `--once` it ends by itself, with 0 when
 * nothing was lost and nothing leaked; otherwise it stays, with slow traffic, until Ctrl-C.
 *
 * With OTEL_EXPORTER_OTLP_ENDPOINT set the logs go there, and what only their receiver knows is left to it.
 */
import { findLeaks, PrintedLines, tellRedaction } from '../examples/checkout/demo/leaks.ts';
import { deliveredTotal, findLosses, tellLedgers } from '../examples/checkout/demo/ledgers.ts';
import type { ServiceLedger } from '../examples/checkout/demo/ledgers.ts';
import { Orders } from '../examples/checkout/demo/orders.ts';
import { buildPackage, isBuildStale } from './package-build.ts';
import { Stage } from '../examples/checkout/demo/stage.ts';
import { tellElsewhere, tellStory } from '../examples/checkout/demo/story.ts';
import { fit, paint, remark, terminalWidth, wrap } from '../examples/checkout/demo/terminal.ts';
import { goOn, playIncident } from '../examples/checkout/demo/traffic.ts';
import type { Outcome, TrafficParts } from '../examples/checkout/demo/traffic.ts';

/** As a shell gives it for SIGINT. */
const INTERRUPTED = 130;
const MAX_STORED_RECORDS = 100_000;

const staysOn = !process.argv.includes('--once');
const { OTEL_EXPORTER_OTLP_ENDPOINT: given } = process.env;
// As everywhere in OTel, an empty variable counts as unset.
const endpoint = given === '' ? undefined : given;
const orders = new Orders();
const printed = new PrintedLines(() => orders.planted);
const interrupt = new AbortController();
/** Whatever makes the demo fail, a sentence each. */
const problems: string[] = [];

process.exitCode = await run();

async function run(): Promise<number> {
  say(`${paint('bold', 'spanlog demo')}: three services, one incident, told by correlated logs`);
  const stage = new Stage({ endpoint, gatewayToken: orders.gatewayToken, onLine: showLine });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The second time is impatience.
      if (interrupt.signal.aborted) void stage.close().then(() => process.exit(INTERRUPTED));
      // The terminal has written ^C into the line.
      else if (process.stdout.isTTY) say('');
      interrupt.abort();
    });
  }
  try {
    await perform(stage);
  } catch (error) {
    if (interrupt.signal.aborted) return INTERRUPTED;
    problems.push(error instanceof Error ? error.message : String(error));
    tellProblems(problems);
  } finally {
    await stage.close();
  }
  return problems.length === 0 ? 0 : 1;
}

async function perform(stage: Stage): Promise<void> {
  if (isBuildStale()) {
    say(paint('dim', 'building the package, which the services import as any application does …'));
    buildPackage();
  }
  await stage.open();
  say([
    paint('dim', `logs go to ${stage.endpoint}${stage.store ? ' (a receiver in this process)' : ''}`),
    paint('dim', `and here, live${process.stdout.isTTY ? ', shortened to fit; in a pipe they are whole' : ''}`),
    '',
  ]);
  await unlessOver(stage, stage.start());
  const traffic: TrafficParts = {
    checkoutUrl: stage.urlOf('checkout'),
    gatewayUrl: stage.urlOf('gateway'),
    orders,
    remark: (text) => say(remark(text)),
  };
  const outcomes = await unlessOver(stage, playIncident(traffic));
  const ledgers = staysOn ? await stage.ledgers() : await stage.stop();
  problems.push(...tell(stage, outcomes));
  const open = tellAccounts(stage, ledgers);
  if (!staysOn) {
    problems.push(...open);
    return;
  }
  // What is on its way now is no loss yet: the last accounts count.
  say(['', remark('traffic goes on; Ctrl-C ends it'), '']);
  await Promise.race([goOn(traffic, interrupt.signal), stage.died]);
  problems.push(...tellAccounts(stage, await stage.stop()));
}

/** The result of `work`; rejects when it is no longer wanted, or a service is gone. */
function unlessOver<T>(stage: Stage, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  interrupt.signal.addEventListener('abort', () => reject(new Error('interrupted')), { once: true });
  return Promise.race([work, stage.died, promise]);
}

/** Tells the incident and what was redacted, from what the receiver holds; returns what is missing in it. */
function tell({ store, endpoint: address }: Stage, outcomes: readonly Outcome[]): string[] {
  const [failed, ...more] = outcomes.filter(({ status }) => status !== 201);
  if (failed?.traceId === undefined || more.length > 0) {
    return [`one order was to fail and tell its trace, these did: ${JSON.stringify([failed, ...more])}`];
  }
  if (store === undefined) {
    say(tellElsewhere(address, failed.requestId, failed.traceId));
    return [];
  }
  const story = tellStory(store, failed.traceId);
  const redaction = tellRedaction(store.recent({ limit: MAX_STORED_RECORDS }), orders.planted, printed);
  say([...story.lines, ...redaction.lines]);
  return [...story.missing, ...redaction.missing];
}

/** Tells the ledgers and the verdict; returns what was lost or leaked. */
function tellAccounts({ store }: Stage, ledgers: readonly ServiceLedger[]): string[] {
  const received = store?.countByService();
  say(tellLedgers(ledgers, received));
  const found = [...findLeaks(orders.planted, printed, store), ...findLosses(ledgers, received)];
  // What was leaked or lost is why something is missing, not the other way round.
  if (found.length + problems.length > 0) {
    tellProblems([...found, ...problems]);
    return found;
  }
  const fate = store === undefined ? 'delivered' : 'delivered and received';
  const text =
    `✓ Nothing lost: ${deliveredTotal(ledgers)} records ${fate}. ` +
    `Nothing leaked: ${orders.planted.length} planted secrets, none found.`;
  say(['', ...wrap(text.split(' '), terminalWidth()).map((line) => paint('green', line))]);
  return found;
}

function tellProblems(sentences: readonly string[]): void {
  say(['', ...sentences.map((sentence) => paint('red', `✗ ${sentence}`))]);
}

/** A line of a service: whole in a pipe, shortened to fit on a terminal. */
function showLine(line: string): void {
  printed.read(line);
  say(process.stdout.isTTY ? fit(line, terminalWidth()) : line);
}

function say(text: string | readonly string[]): void {
  console.log(typeof text === 'string' ? text : text.join('\n'));
}
