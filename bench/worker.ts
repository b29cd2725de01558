import { once } from 'node:events';
import { Load } from './load.ts';
import { sendAtOnce, sendSpread } from './measures/burst.ts';
import { measureDisabled } from './measures/disabled.ts';
import { measureMemory } from './measures/memory.ts';
import { measureThroughput, sendPaced } from './measures/throughput.ts';
import { loadPeer } from './peer-list.ts';
import type { PeerOptions, RunningPeer } from './peer.ts';
import type { FromWorker, Measured, Task } from './worker-messages.ts';

const QUEUE: Record<Task['measure'], PeerOptions['queue']> = {
  throughput: 'paced',
  call: 'paced',
  'burst-at-once': 'default',
  'burst-spread': 'default',
  memory: 'roomy',
  disabled: 'default',
};

async function measure(task: Task, load: Load, peer: RunningPeer): Promise<Measured> {
  switch (task.measure) {
    case 'throughput':
      return measureThroughput(load, peer, task.records);
    case 'call':
      return { callNsPerRecord: (await sendPaced(load, peer, task.records)) / task.records };
    case 'burst-at-once':
      await sendAtOnce(load, peer, task.records);
      return {};
    case 'burst-spread':
      await sendSpread(load, peer, task.records);
      return {};
    case 'memory':
      return measureMemory(load, peer, task.records);
    case 'disabled':
      return measureDisabled(peer, task.records);
  }
}

function tell(message: FromWorker): void {
  process.send?.(message);
}

// Some peers wait on nothing that holds the event loop; the channel to the runner does. The runner ends this process
// once it has the answer, so that no exit hook of a peer with a stalled Collector has to be waited for.
process.channel?.ref();
const task = JSON.parse(process.argv[2] ?? '') as Task;
const { start } = await loadPeer(task.peer);
const load = new Load();
const peer = await start({
  endpoint: task.endpoint,
  spanlog: task.spanlog,
  queue: QUEUE[task.measure],
  queueRecords: 2 * (task.records + task.warmUpRecords),
});
if (task.warmUpRecords > 0) {
  await sendPaced(load, peer, task.warmUpRecords);
  tell({ kind: 'warm' });
  await once(process, 'message');
  process.channel?.ref();
}
tell({ kind: 'measured', measured: await measure(task, load, peer) });
