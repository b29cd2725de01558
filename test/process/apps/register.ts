/** Registers in the ways applications do: `register.ts <way> [endpoint]`. */
import { bindContext, getLogger, register, withContext } from '../../../src/index.ts';
import { otlp } from '../../../src/destinations.ts';
import { reportAtExit, running } from './report-ledger.ts';

const [way = '', endpoint = ''] = process.argv.slice(2);
const log = getLogger('app');

const ways: Record<string, () => void> = {
  reconfigure: () => {
    log.info('automatic');
    const logging = register({ service: { name: 'explicit' }, destinations: [otlp({ name: 'second', endpoint })] });
    log.info('explicit');
    const again = register({ level: 'debug', service: { name: 'ignored' } });
    const andAgain = register({ level: 'trace' });
    register();
    log.debug('not logged');
    console.log(again === logging && andAgain === logging ? 'the same logging' : 'another logging');
    reportAtExit(logging);
  },
  'shut down twice': () => {
    log.info('automatic');
    void running()
      .shutdown()
      .then(() => {
        const logging = register({ service: { name: 'explicit' }, destinations: [otlp({ name: 'second', endpoint })] });
        log.info('explicit');
        return logging.shutdown();
      })
      .then(({ status }) => {
        log.info('too late');
        console.log(status);
        reportAtExit(running());
      });
  },
  'ignored twice': () => {
    const logging = register();
    for (let i = 0; i < 2; i++) {
      register({ level: 'debug' });
      register({ service: { name: 'other' } });
    }
    reportAtExit(logging);
  },
  'secret resource': () => {
    const resource = { 'db.password': 'hunter2', note: 'card 4111 1111 1111 1111', team: 'blue' };
    const logging = register({ resource, ...(endpoint === 'unredacted' && { redact: false }) });
    log.info('hello');
    console.log(JSON.stringify(logging.explain()));
    reportAtExit(logging);
  },
  'other deadline': () => {
    reportAtExit(register({ limits: { exitTimeoutMs: 200 } }));
    log.info('never arrives');
  },
  twice: () => {
    const logging = register({ service: { name: 'first' } });
    const again = register({ service: { name: 'second' }, level: 'debug' });
    log.info('hello');
    log.debug('not logged');
    console.log(again === logging ? 'the same logging' : 'another logging');
    reportAtExit(logging);
  },
  early: () => {
    log.debug('too low');
    log.info('early', { password: 'hunter2', note: 'card 4111 1111 1111 1111', loyalty_number: 'L-55512' });
    const child = log.child({ api_key: 'k-123456', order_id: 'o-1' });
    withContext({ request_id: 'req-42' }, () => {
      bindContext({ user: { email: 'ann@example.com', session_token: 's-987654' } });
      child.error('early_failure', { attempt: 2 }, new Error('password=hunter2 was refused'));
      getLogger('noisy.driver').info('filtered by the levels that come with register');
      // What was bound before is bound on.
      setTimeout(() => child.info('late', { attempt: 3 }), 100);
    });
    setTimeout(() => {
      reportAtExit(register({ redact: { keys: ['loyalty_number'] }, levels: { noisy: 'warn' } }));
      log.info('registered');
    }, 50);
  },
  'early, then unredacted': () => {
    log.info('early', { password: 'hunter2' });
    reportAtExit(register({ redact: false }));
    log.info('registered', { password: 'shown' });
  },
  never: () => {
    for (let i = 0; i < 5; i++) log.info('tick', { i });
  },
  'never, and too much': () => {
    tooMuch();
  },
  'early, and too much': () => {
    tooMuch();
    reportAtExit(register());
  },
  strict: () => {
    register({ level: 'loud' as 'info', strict: true });
  },
  'bad options': () => {
    reportAtExit(register({ level: 'loud' as 'info', limits: { queueBytes: -1 } }));
    log.info('hello');
  },
};

/** More than waits for `register`: 3,000 records of some 2 KiB in memory. */
function tooMuch(): void {
  const text = 'x'.repeat(1_024);
  for (let i = 0; i < 3_000; i++) log.info('tick', { i, text });
}

const run = ways[way];
if (run === undefined) throw new Error(`no such way: ${way}`);
run();
