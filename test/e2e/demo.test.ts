/** `npm run demo`, as a newcomer runs it: real processes, one incident, a verdict that can be wrong. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startReceiver } from '../../src/dev/receiver.ts';
import { openStore } from '../../src/dev/store.ts';

const DEMO = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));
/** A run takes six seconds on two cores, and a build before it as many. */
const RUN = { timeout: 60_000 };

const running = new Set<ChildProcess>();
after(() => {
  for (const child of running) child.kill('SIGTERM');
});

interface Run {
  readonly child: ChildProcess;
  /** All that was printed so far. */
  output(): string;
  /** Resolves when `text` was printed. */
  printed(text: string): Promise<void>;
  readonly exitCode: Promise<unknown>;
}

function startDemo(args: readonly string[], env: NodeJS.ProcessEnv = {}): Run {
  // What the machine is set to must not change what the demo does.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL|SPANLOG|NODE)_|_COLOR$/.test(name));
  const child = spawn(process.execPath, [DEMO, ...args], {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  const read = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const exitCode = once(child, 'close').then(([code]: unknown[]) => {
    running.delete(child);
    return code;
  });
  const printed = async (text: string): Promise<void> => {
    while (!output.includes(text)) {
      const ended = exitCode.then(() => 'ended' as const);
      const next = await Promise.race([once(child.stdout, 'data'), ended]);
      if (next === 'ended' && !output.includes(text)) assert.fail(`the demo ended before it said ${text}:\n${output}`);
    }
  };
  return { child, output: () => output, printed, exitCode };
}

/** The part of the output below a heading, up to the next one. */
function section(output: string, title: string): string {
  const [, found] = output.split(new RegExp(`^── ${title}.*$`, 'm'));
  assert.ok(found !== undefined, `no section “${title}” in:\n${output}`);
  return found.split(/^── /m, 1)[0] as string;
}

/** `service LEVEL event field=value …` of each record in the story, as far as it is in one line, in the order they are told. */
function story(output: string): string[] {
  const lines = section(output, 'What happened to').matchAll(/^ +[+−]\d+ ms +(\w+ +[A-Z]+ +\S.*)$/gm);
  return [...lines].map(([, told = '']) => told.replace(/ +/g, ' '));
}

test(
  'R3.1 the demo tells the failed request in order across three services, and what was just before',
  RUN,
  async () => {
    const demo = startDemo(['--once']);
    assert.equal(await demo.exitCode, 0, demo.output());
    const told = story(demo.output());
    let from = 0;
    for (const sentence of [
      'gateway WARN issuer_link_lost issuer=northbank',
      'checkout INFO request_started method=POST path=/orders',
      'checkout INFO flow_step flow=place_order step=reserve_stock',
      'checkout INFO flow_step flow=place_order step=charge_card',
      'payment INFO charging ',
      'gateway INFO request_started method=POST path=/authorizations',
      'payment WARN dependency_call dependency=gateway attempt=1',
      'payment WARN dependency_call dependency=gateway attempt=2',
      'payment ERROR dependency_call dependency=gateway attempt=3',
      'payment INFO state_changed entity=payment from=pending to=failed',
      'checkout INFO state_changed entity=order from=placed to=cancelled',
      'checkout ERROR flow_failed',
      'checkout ERROR request_failed method=POST path=/orders status=502',
    ]) {
      const at = told.findIndex((line, i) => i >= from && line.startsWith(sentence));
      assert.notEqual(at, -1, `${sentence} is not told behind what comes before it:\n${told.join('\n')}`);
      from = at + 1;
    }
    const text = section(demo.output(), 'What happened to');
    assert.match(text, /just before\n[^]*issuer_asked +duration_ms=\d+ outcome=success [^]*\n +the request\n/);
    assert.match(text, / GatewayTimeout: no answer for card \[REDACTED:card\]/);
    // R5.5: the details of the request that failed, and of no other.
    assert.equal(told.filter((line) => line.startsWith('payment DEBUG gateway_asked')).length, 3, text);
    assert.ok(told.some((line) => line.startsWith('checkout DEBUG stock_read')));
    assert.equal(demo.output().match(/ \| DEBUG \| /g)?.length, 4, demo.output());
    // Which step took the time, and what it waited for.
    assert.match(text, /stage=charge_card\s+steps=\{"reserve_stock_ms":\d+,"charge_card_ms":\d{3,}\}/);
    assert.ok(
      told.some((line) => /^gateway \w+ issuer_asked duration_ms=\d+ outcome=cancelled/.test(line)),
      text,
    );
    assert.match(text, /Meanwhile [1-9]\d* other orders were completed by the same services; none failed/);

    const ledgers = [
      ...section(demo.output(), 'The ledgers').matchAll(/^ +(\w+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) =$/gm),
    ];
    assert.deepEqual(ledgers.map(([, service]) => service).sort(), ['checkout', 'gateway', 'payment']);
    for (const [row, , emitted, delivered, discarded, dropped, pending, held] of ledgers) {
      assert.ok(Number(delivered) > 0, row);
      assert.equal(Number(delivered) + Number(discarded), Number(emitted), row);
      assert.deepEqual([dropped, pending, held], ['0', '0', delivered], row);
    }

    const redacted = section(demo.output(), 'What was redacted');
    for (const kind of ['password', 'token', 'card', 'authorization']) {
      assert.ok(redacted.includes(`[REDACTED:${kind}]`), kind);
    }
    assert.doesNotMatch(demo.output(), /4111[ -]?11\d\d[ -]?\d{4}[ -]?\d{4}/);
  },
);

test('R4.2 the demo fails, and names it, when a planted secret leaks', RUN, async () => {
  const demo = startDemo(['--once'], { SPANLOG_REDACT: 'false' });
  assert.equal(await demo.exitCode, 1, demo.output());
  for (const kind of ['card', 'password', 'token']) {
    assert.match(demo.output(), new RegExp(`✗ leaked: a planted ${kind} is in \\d+ stored records`));
    assert.match(demo.output(), new RegExp(`✗ leaked: a planted ${kind} is in \\d+ printed lines`));
  }
});

test('R8.1 the demo fails, and counts them, when records are lost', RUN, async () => {
  // Room for a dozen records: what comes in a burst does not fit.
  const demo = startDemo(['--once'], { SPANLOG_LIMITS_QUEUE_BYTES: '3000' });
  assert.equal(await demo.exitCode, 1, demo.output());
  const [, lost, reason] = /✗ lost: checkout → otlp: (\d+) records \((\d+ queue_full)\)/.exec(demo.output()) ?? [];
  assert.equal(reason, `${lost} queue_full`, demo.output());
  assert.doesNotMatch(demo.output(), /leaked|≠/);
});

test('R7.4 the demo sends to a collector that is given, and leaves to it what only it knows', RUN, async () => {
  const store = openStore();
  const receiver = await startReceiver({ store, port: 0 });
  try {
    const demo = startDemo(['--once'], { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    assert.equal(await demo.exitCode, 0, demo.output());
    const failed = section(demo.output(), 'The failed request');
    const [, traceId = ''] = /trace_id +([\da-f]{32})/.exec(failed) ?? [];
    const records = store.byTrace(traceId);
    const services = new Set(records.map(({ service }) => service));
    assert.deepEqual([...services].sort(), ['checkout', 'gateway', 'payment']);
    // The customer's id has gone along, by itself, on both hops.
    assert.deepEqual([...new Set(records.map(({ requestId }) => requestId))], ['req-1006']);
    assert.match(failed, /can't be checked from here/);
    assert.match(demo.output(), new RegExp(`✓ Nothing lost: ${store.count()} records delivered\\.`));
    assert.ok(receiver.counts().traceRequests > 0, 'spans go to the same collector');
  } finally {
    await receiver.close();
    store.close();
  }
});

test('R8.4 Ctrl-C ends a demo that stays: 0, last ledgers, no process left', RUN, async () => {
  const demo = startDemo([]);
  await demo.printed('traffic goes on; Ctrl-C ends it');
  const before = demo.output().length;
  await demo.printed('req-1014');
  demo.child.kill('SIGINT');
  assert.equal(await demo.exitCode, 0, demo.output());
  assert.match(demo.output().slice(before), /── The ledgers.*\n[^✗]*✓ Nothing lost/s);
  const pids = new Set([...demo.output().matchAll(/ \| pid=(\d+) \| /g)].map(([, pid]) => Number(pid)));
  assert.equal(pids.size, 3);
  for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test('R8.4 interrupted in the middle, the demo ends with 130 and leaves no process', RUN, async () => {
  const demo = startDemo(['--once']);
  await demo.printed('flow_started');
  demo.child.kill('SIGINT');
  assert.equal(await demo.exitCode, 130, demo.output());
  for (const [, pid] of demo.output().matchAll(/ \| pid=(\d+) \| /g)) {
    assert.throws(() => process.kill(Number(pid), 0), { code: 'ESRCH' });
  }
});
