import { once } from 'node:events';
import type { FromServer, ServerTask, ToServer } from './messages.ts';
import { loadServer } from './server-list.ts';

function tell(message: FromServer): void {
  process.send?.(message);
}

async function expect(kind: ToServer['kind']): Promise<void> {
  const [message] = (await once(process, 'message')) as [ToServer];
  if (message.kind !== kind) throw new Error(`told to ${message.kind}, not to ${kind}`);
}

const task = JSON.parse(process.argv[2] ?? '') as ServerTask;
const { start } = await loadServer(task.server);
const { app, drain } = await start(task);
const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
tell({ kind: 'listening', port: Number(port) });

await expect('begin');
const before = process.cpuUsage();
tell({ kind: 'begun' });

await expect('drain');
// What is still to be delivered is part of what the requests cost.
const { emitted } = await drain();
const { user, system } = process.cpuUsage(before);
tell({ kind: 'drained', cpuNs: (user + system) * 1_000, ...(emitted === undefined ? {} : { emitted }) });
