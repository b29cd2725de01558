/** Meets signals in the ways applications do: `signals.ts <way>`. Prints `ready` once a signal may be sent. */
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { getLogger, register } from '../../../src/index.ts';
import { spanlogProcessor } from '../../../src/spanlog-processor.ts';
import { reportAtExit } from './report-ledger.ts';

const [way = ''] = process.argv.slice(2);
const log = getLogger('app');

/** Keeps the process alive, as a server does, until it is closed. */
function serve(): { close(): void } {
  const timer = setInterval(() => undefined, 60_000);
  return { close: () => clearInterval(timer) };
}

const ways: Record<string, () => void> = {
  'handler before register': () => {
    const server = serve();
    process.once('SIGTERM', () => {
      log.info('draining');
      setTimeout(() => {
        log.info('drained');
        server.close();
      }, 200);
    });
    reportAtExit(register());
    log.info('started');
  },
  reload: () => {
    reportAtExit(register());
    const server = serve();
    process.on('SIGHUP', () => {
      log.info('reloaded');
      setTimeout(() => server.close(), 200);
    });
    log.info('started');
  },
  serve: () => {
    register();
    serve();
    log.info('started');
  },
  'serve without spanlog': () => {
    serve();
  },
  'signal-exit': () => {
    register();
    serve();
    listenAsSignalExitDoes('SIGTERM');
    log.info('started');
  },
  'two pipelines': () => {
    register();
    const processor = spanlogProcessor({ service: { name: 'by the SDK' } });
    const sdk = new LoggerProvider({ processors: [processor] });
    serve();
    log.info('started');
    sdk.getLogger('bridge').emit({ eventName: 'started_too' });
  },
};

/** What version 4 of the package signal-exit does, less what does not matter here: it re-raises when it is alone. */
function listenAsSignalExitDoes(signal: NodeJS.Signals): void {
  const emitter = { count: 1 };
  Object.assign(globalThis, { [Symbol.for('signal-exit emitter')]: emitter });
  const listener = (): void => {
    if (process.listeners(signal).length !== emitter.count) return;
    process.removeListener(signal, listener);
    console.log('signal-exit was alone');
    process.kill(process.pid, signal);
  };
  process.on(signal, listener);
}

const meet = ways[way];
if (meet === undefined) throw new Error(`no such way: ${way}`);
meet();
console.log('ready');
