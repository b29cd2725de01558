/** Logs where a process has little time left: `exit-last-words.ts <where> <count>`. A burst first, and last words there. */
import { getLogger } from '../../../src/index.ts';
import { reportAtEnd, running } from './exit-report.ts';

const [where = '', count = '0'] = process.argv.slice(2);
const raise = process.kill.bind(process, process.pid);
const log = getLogger('app');

function burst(): void {
  for (let i = 0; i < Number(count); i++) log.info('tick', { i });
}

function lastWords(): void {
  burst();
  log.error('last_words', { where }, new Error('so it ends'));
}

/** As a server does, which ends by a signal only. */
function serve(): void {
  setInterval(() => undefined, 60_000);
  raise('SIGTERM');
}

function fail(): void {
  throw new Error('a bug');
}

/** Where they are said, and how the process comes to its end after the first burst. */
const places: Record<string, readonly [prepare: () => unknown, end?: () => unknown]> = {
  exit: [() => process.on('exit', lastWords)],
  'exit, by process.exit': [() => process.on('exit', lastWords), () => process.exit(3)],
  'exit, by an uncaught error': [() => process.on('exit', lastWords), fail],
  'exit, where another exit listener is added': [
    () =>
      process.on('exit', () => {
        process.on('exit', () => undefined);
        lastWords();
      }),
  ],
  beforeExit: [() => process.once('beforeExit', lastWords)],
  'beforeExit, and later': [() => process.once('beforeExit', () => setTimeout(lastWords, 20))],
  'a signal handler that exits': [
    () =>
      process.on('SIGTERM', () => {
        lastWords();
        process.exit(5);
      }),
    serve,
  ],
  'a signal handler that raises it again': [
    () =>
      process.once('SIGTERM', () => {
        lastWords();
        // By then nobody but spanlog listens.
        setTimeout(() => raise('SIGTERM'), 20);
      }),
    serve,
  ],
  'a handler of uncaughtException': [
    () =>
      process.on('uncaughtException', () => {
        lastWords();
        process.exit(6);
      }),
    fail,
  ],
  'a handler of uncaughtException that goes on': [() => process.on('uncaughtException', lastWords), fail],
  'a handler of unhandledRejection': [
    () =>
      process.on('unhandledRejection', () => {
        lastWords();
        process.exit(7);
      }),
    () => void Promise.reject(new Error('a bug')),
  ],
};

const place = places[where];
if (place === undefined) throw new Error(`no such place: ${where}`);
const [prepare, end] = place;
prepare();
// Behind the exit listeners that log.
reportAtEnd(running());
setImmediate(() => {
  burst();
  end?.();
});
