/** Sends batches to stdout in one of several ways and tells its parent what became of them. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Batch } from '../../src/core/batch.ts';
import { createFdTransport } from '../../src/destinations/fd-transport.ts';

/** `<name> 0`, `<name> 1`, … one record each. */
function lines(name: string, count: number): Batch {
  const batch = new Batch(16);
  for (let i = 0; i < count; i++) {
    const line = Buffer.from(`${name} ${i}\n`);
    batch.append(line, 0, line.length);
    batch.commit(0, 9);
  }
  return batch;
}

function tell(message: object): void {
  process.send?.(message);
}

/** Resolves after some turns of the event loop, which do not come while something waits for the reader. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve, 1));
}

const MANY = 400_000;
const transport = createFdTransport(1);
const never = new AbortController().signal;

const modes: Record<string, () => Promise<void>> = {
  async send() {
    tell(await transport.send(lines('line', MANY), never));
  },
  async unread() {
    const sent = transport.send(lines('line', MANY), never);
    await turns(20);
    tell({ turns: 20 });
    tell(await sent);
  },
  /** A child that inherits a descriptor makes what it describes blocking again. */
  async inherited() {
    await transport.send(lines('first', 1), never);
    spawnSync(process.execPath, ['-e', ''], { stdio: 'inherit' });
    await modes.unread?.();
  },
  async resumed() {
    const batch = lines('line', MANY);
    const abort = new AbortController();
    const sent = transport.send(batch, abort.signal);
    await turns(10);
    abort.abort();
    tell(await sent);
    tell(await transport.send(batch, never));
  },
  async abandoned() {
    const abort = new AbortController();
    const sent = transport.send(lines('abandoned', MANY), abort.signal);
    await turns(10);
    abort.abort();
    tell(await sent);
    tell(await transport.send(lines('next', 1), never));
  },
  async gone() {
    tell({});
    await once(process, 'message');
    tell(await transport.send(lines('line', MANY), never));
    tell(await transport.send(lines('line', 1), never));
  },
  async exit() {
    const batch = lines('line', MANY);
    void transport.send(batch, never);
    await turns(10);
    process.on('exit', () => tell(transport.sendSync([batch, lines('last', 1)], Number(process.argv[3]))));
    tell({});
    process.exit(7);
  },
  async closed() {
    await transport.send(lines('line', 1), never);
    transport.close();
    tell(await transport.send(lines('late', 1), never));
  },
};

// Sending holds no process alive; here it is all there is to do.
const alive = setInterval(() => undefined, 1_000);
await modes[process.argv[2] ?? '']?.();
clearInterval(alive);
if (process.connected) process.disconnect();
