/**
 * Logs with something on the prototype of all objects: `input-pollution.ts <form> <key>…`, where the form says what
 * stands there. It is put there before `register`, so that start, records, delivery and end all meet it.
 */
import { writeSync } from 'node:fs';
import { logs } from '@opentelemetry/api';
import { jsonLines, otlp } from '../../../src/destinations.ts';
import { bindContext, getLogger, register, withContext } from '../../../src/index.ts';

const [form = '', ...keys] = process.argv.slice(2);
const forms: Record<string, PropertyDescriptor> = {
  text: { value: 'polluted', writable: true },
  object: { value: { polluted: true }, writable: true },
  function: { value: () => 'polluted', writable: true },
  error: { value: new Error('polluted'), writable: true },
};
const descriptor = forms[form] ?? {};
Object.setPrototypeOf(descriptor, null);
for (const key of keys) {
  Object.defineProperty(Object.prototype, key, { ...descriptor, enumerable: true, configurable: true });
}

const log = getLogger('polluted');
log.info('early', { n: 1 });
const logging = register({ destinations: [otlp({}), jsonLines({})] });
log.info('plain', { n: 2, nested: { a: [1, { b: 2 }] } });
log.error('failed', { n: 3 }, new Error('failure', { cause: new Error('cause') }));
withContext({ n: 4 }, () => {
  bindContext({ bound: true });
  log.child({ child: true }).warn('in_context');
});
logs.getLogger('bridge').emit({ body: 'bridged', attributes: { n: 5 } });
const flushed = await logging.flush();
log.info('after_flush', { n: 6 });
process.on('exit', () => {
  for (const key of keys) Reflect.deleteProperty(Object.prototype, key);
  writeSync(3, JSON.stringify({ status: flushed.status, ...logging.ledger() }));
});
