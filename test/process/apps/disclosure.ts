/** Logs classified values to destinations that may see different things: `disclosure.ts <vendor> <archive>`. */
import { getLogger, pii, register, secret, withContext } from '../../../src/index.ts';
import { jsonLines, otlp } from '../../../src/destinations.ts';
import { reportAtExit } from './report-ledger.ts';

const [vendor = '', archive = ''] = process.argv.slice(2);
const early = getLogger('app').child({ user: pii('early@example.com') });
early.info('before_register', { mail: pii('early@example.com') });

const logging = register({
  redact: { hashKeyId: 'k1' },
  destinations: [
    jsonLines({ name: 'on-call', classes: { pii: 'plain' } }),
    otlp({ name: 'vendor', endpoint: vendor, classes: { pii: 'hash', secret: 'drop' } }),
    otlp({ name: 'archive', endpoint: archive, protocol: 'http/json' }),
  ],
});
const log = getLogger('app').child({ user: pii('bob@example.com'), key: secret('canary-1') });
withContext({ tenant: pii('acme') }, () => {
  log.info('order_placed', {
    address: { street: pii('Main St 1'), zip: 12345 },
    token: pii('canary-2'),
    apiKey: 'canary-3',
  });
  log.info('order_placed', { address: { street: pii('Main St 1'), zip: 12345 } });
});
log.info`for ${{ buyer: pii('bob@example.com') }}`;
early.info('after_register');
reportAtExit(logging);
