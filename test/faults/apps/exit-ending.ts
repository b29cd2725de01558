/**
 * Logs `count` records and ends at once: `exit-ending.ts <ending> <count>`. With 0 records it has nothing to do with spanlog
 * at all, and shows how a process ends by itself.
 */
const [ending = '', count = '0'] = process.argv.slice(2);
// Before spanlog reports when it is called.
const raise = process.kill.bind(process, process.pid);
const burst = count === '0' ? (): void => undefined : await logger(Number(count));

async function logger(records: number): Promise<() => void> {
  const { getLogger } = await import('../../../src/index.ts');
  const { reportAtEnd, running } = await import('./exit-report.ts');
  reportAtEnd(running());
  const log = getLogger('app');
  return () => {
    for (let i = 0; i < records; i++) log.info('tick', { i });
  };
}

/** Something that would keep the process alive, as a server does. */
function endBy(signal: NodeJS.Signals): void {
  setInterval(() => undefined, 60_000);
  burst();
  raise(signal);
}

const endings: Record<string, () => void> = {
  return: burst,
  'process.exit(0)': () => {
    burst();
    process.exit(0);
  },
  'process.exit(3)': () => {
    burst();
    process.exit(3);
  },
  'process.exitCode': () => {
    process.exitCode = 4;
    burst();
  },
  uncaught: () => {
    setImmediate(() => {
      burst();
      throw new TypeError('the card was refused');
    });
  },
  'uncaught, not an error': () => {
    setImmediate(() => {
      burst();
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- libraries do
      throw { status: 500 };
    });
  },
  unhandledRejection: () => {
    // From a task of its own, whose stack does not tell what was awaited before.
    setImmediate(() => {
      burst();
      void Promise.reject(new RangeError('out of stock'));
    });
  },
  SIGTERM: () => endBy('SIGTERM'),
  SIGINT: () => endBy('SIGINT'),
  SIGHUP: () => endBy('SIGHUP'),
};

const end = endings[ending];
if (end === undefined) throw new Error(`no such ending: ${ending}`);
end();
