/** Logs `count` records and ends at once, as told: `endings.ts <ending> <count>`. */
import { setTimeout as delay } from 'node:timers/promises';
import { getLogger } from '../../../src/index.ts';
import { reportAtExit, running } from './report-ledger.ts';

const [ending = '', count = '0'] = process.argv.slice(2);
const log = getLogger('app');
reportAtExit(running());

function burst(): void {
  for (let i = 0; i < Number(count); i++) log.info('tick', { i });
}

/** Something that would keep the process alive, as a server does. */
function serve(): void {
  setInterval(() => undefined, 60_000);
}

function raise(signal: NodeJS.Signals): void {
  serve();
  burst();
  process.kill(process.pid, signal);
}

const endings: Record<string, () => void> = {
  return: burst,
  'process.exit': () => {
    burst();
    process.exit(3);
  },
  'exit code': () => {
    process.exitCode = 4;
    burst();
  },
  uncaught: () => {
    // Not from here: what the main module of ESM throws is a rejection to Node.
    setImmediate(() => {
      burst();
      throw new TypeError('the card 4111 1111 1111 1111 was refused');
    });
  },
  'uncaught, with a handler': () => {
    process.on('uncaughtException', () => process.exit(6));
    setImmediate(() => {
      burst();
      throw new TypeError('not the end, but for the handler');
    });
  },
  unhandled: () => {
    burst();
    void Promise.reject(new RangeError('out of stock'));
  },
  'uncaught null': () => {
    setImmediate(() => {
      burst();
      throw null as unknown as Error;
    });
  },
  SIGTERM: () => raise('SIGTERM'),
  SIGINT: () => raise('SIGINT'),
  SIGHUP: () => raise('SIGHUP'),
  'own handler': () => {
    process.on('SIGTERM', () => process.exit(5));
    raise('SIGTERM');
  },
  'own slow handler': () => {
    process.once('SIGTERM', () => {
      void delay(300).then(() => {
        log.info('goodbye');
        process.exit(5);
      });
    });
    raise('SIGTERM');
  },
  'exit handler': () => {
    process.on('exit', () => {
      burst();
      log.info('goodbye');
    });
    log.info('hello');
  },
  // Here spanlog has no chance to have the last word: its listener can't move behind this one before all is over.
  'process.exit right after an exit handler': () => {
    process.on('exit', () => {
      log.info('closed', { connections: 0 });
      log.info('goodbye');
    });
    burst();
    process.exit(3);
  },
  beforeExit: () => {
    process.once('beforeExit', burst);
  },
  'each beforeExit': () => {
    // Before any listener of spanlog, and at each one, of which there are two: our flush fills the loop once more.
    process.prependListener('beforeExit', () => log.info('goodbye'));
    burst();
  },
  'long life after beforeExit': () => {
    // A pool that drains, and then finds more to do: the loop ran empty, but it was not the end.
    log.info('first');
    process.once('beforeExit', () => {
      setTimeout(() => {
        burst();
        process.exit(3);
      }, 1_000);
    });
  },
};

const end = endings[ending];
if (end === undefined) throw new Error(`no such ending: ${ending}`);
end();
