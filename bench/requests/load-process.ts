import { once } from 'node:events';
import { Connection } from './connection.ts';
import type { FromLoad, LoadTask } from './messages.ts';
import { makeRequests } from './request-texts.ts';

interface Measured {
  elapsedNs: number;
  /** One for each request. */
  latenciesMs: Float64Array;
}

/** Sends `count` requests, as many at once as there are connections, each when the answer before it is in. */
async function send(connections: readonly Connection[], count: number): Promise<Measured> {
  const latenciesMs = new Float64Array(count);
  let next = 0;
  const work = async (connection: Connection): Promise<void> => {
    while (next < count) {
      const index = next++;
      latenciesMs[index] = await connection.request(requests[index % requests.length] as Buffer);
    }
  };
  const startedNs = process.hrtime.bigint();
  await Promise.all(connections.map(work));
  return { elapsedNs: Number(process.hrtime.bigint() - startedNs), latenciesMs };
}

function tell(message: FromLoad): void {
  process.send?.(message);
}

const task = JSON.parse(process.argv[2] ?? '') as LoadTask;
const requests = makeRequests();
const connections = await Promise.all(
  Array.from({ length: task.connections }, () => Connection.open('127.0.0.1', task.port)),
);
await send(connections, task.warmUpRequests);
tell({ kind: 'warm' });
await once(process, 'message');

const { elapsedNs, latenciesMs } = await send(connections, task.requests);
latenciesMs.sort();
tell({
  kind: 'measured',
  requestsPerSecond: task.requests / (elapsedNs / 1e9),
  p99Ms: latenciesMs[Math.ceil(task.requests * 0.99) - 1] ?? NaN,
});
for (const connection of connections) connection.close();
