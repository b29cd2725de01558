import type { Options } from '../../src/index.ts';
import { defineEvents } from '../../src/index.ts';
import { EVENT_NAME } from '../peer.ts';

/** One thing that a record may go through, switched on beside the plain way. */
export interface Stage {
  readonly title: string;
  readonly settings: Options;
  /** Beside which it is held; the plain way unless given. */
  readonly against?: string;
}

const catalogue = defineEvents({
  [EVENT_NAME]: {
    level: 'info',
    description: 'An order was placed.',
    fields: {
      order_id: 'string',
      item_count: 'integer',
      amount: 'number',
      express: 'boolean',
      currency: ['EUR', 'USD', 'GBP', 'JPY'],
    },
  },
});

/** What all of them are without: each is then switched on by itself. */
export const PLAIN = { redact: false, rateLimit: { noticePerMinute: 0 } } as const satisfies Options;

/** The name of the plain way's figures. */
export const PLAIN_TITLE = 'the call with none of them';
const DEFAULTS_TITLE = 'all defaults: redaction, notice';

/** In the order in which a record meets them. */
export const STAGES: readonly Stage[] = [
  { title: PLAIN_TITLE, settings: {} },
  { title: 'the same again: what is noise', settings: {} },
  // A share so near to 1 that each record is judged and none is missing.
  { title: 'sampling', settings: { sample: { rate: 1 - 2 ** -50 } } },
  { title: 'rate limit', settings: { rateLimit: { noticePerMinute: 0, rate: '1000000/s' } } },
  { title: 'redaction', settings: { redact: {} } },
  { title: 'event catalogue, checked', settings: { catalogue } },
  { title: 'notice of high rates', settings: { rateLimit: {} } },
  { title: 'dedupe, no repeats', settings: { dedupe: true } },
  { title: 'retention class', settings: { policy: { retention: { default: 'short' } } } },
  { title: 'record id', settings: { recordUid: true } },
  { title: 'audit events named, none logged', settings: { audit: { events: ['role_granted'] } } },
  { title: DEFAULTS_TITLE, settings: { redact: {}, rateLimit: {} } },
  {
    title: 'held by the flight recorder in place of sent',
    settings: { redact: {}, rateLimit: {}, level: 'warn', flightRecorder: { level: 'info' } },
    against: DEFAULTS_TITLE,
  },
];
