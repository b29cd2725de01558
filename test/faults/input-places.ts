/**
 * Every place of the public API where a value of the application can stand. Each place logs one record, which carries
 * `case: id` beside the value: whatever the value does, that must arrive.
 */
import { logs } from '@opentelemetry/api';
import { logs as olderLogs } from '@opentelemetry/api-logs';
import { bindContext, pii, secret, withContext } from '../../src/index.ts';
import type { Fields, Logger } from '../../src/index.ts';
import type { SpanlogProcessor } from '../../src/processors.ts';
import { raise, withGetter } from './input-hostile-values.ts';

export interface Lanes {
  readonly log: Logger;
  readonly processor: SpanlogProcessor;
}

export type Place = (lanes: Lanes, id: string, value: unknown) => void;

/** Calls as JavaScript does, which no compiler has seen. */
function call(method: (...args: never[]) => unknown, ...args: readonly unknown[]): unknown {
  return Reflect.apply(method, undefined, args) as unknown;
}

/** The place of a value in the fields of a call. */
const within =
  (fields: (value: unknown) => object): Place =>
  ({ log }, id, value) =>
    log.info('event', { ...fields(value), case: id });

const withError =
  (make: (value: unknown) => unknown): Place =>
  ({ log }, id, value) =>
    log.error('event', { case: id }, make(value));

const emitted =
  (record: (id: string, value: unknown) => object): Place =>
  (_lanes, id, value) =>
    withContext({ case: id }, () => logs.getLogger('bridge').emit(record(id, value)));

const older =
  (record: (id: string, value: unknown) => object): Place =>
  (_lanes, id, value) =>
    withContext({ case: id }, () => olderLogs.getLogger('older bridge').emit(record(id, value)));

/** What the SDK hands to a processor, with one part replaced. */
const processed =
  (part: (id: string, value: unknown) => object): Place =>
  ({ processor }, id, value) => {
    const record = {
      hrTime: [1_700_000_000, 0],
      instrumentationScope: SDK_SCOPE,
      resource: { attributes: {} },
      attributes: { case: id },
      ...part(id, value),
    };
    processor.onEmit(record as never);
  };

const SDK_SCOPE = { name: 'sdk' };

function errorWith(key: string, value: unknown): Error {
  return Object.defineProperty(new Error('carrier'), key, { value, enumerable: true, configurable: true });
}

function hidden(get: () => unknown): object {
  return withGetter('value', get);
}

export const PLACES: Readonly<Record<string, Place>> = {
  'a field': within((value) => ({ before: 1, value, after: 2 })),
  'a field between errors': within((value) => ({ err: value, error: value })),
  'a field under a secret key': within((value) => ({ password: value })),
  'a field in a field': within((value) => ({ outer: { before: 1, value, after: 2 } })),
  'an element': within((value) => ({ list: [1, value, 2] })),
  'a Map value': within((value) => ({
    map: new Map([
      ['before', 1],
      ['value', value],
      ['after', 2],
    ] as [string, unknown][]),
  })),
  'a Map key': within((value) => ({
    map: new Map<unknown, unknown>([
      [value, 1],
      ['after', 2],
    ]),
  })),
  'a Set member': within((value) => ({ set: new Set([1, value, 2]) })),
  'what a getter returns': within((value) => ({ outer: hidden(() => value) })),
  'what a getter throws': within((value) => ({ outer: hidden(() => raise(value)) })),
  'what toJSON returns': within((value) => ({ outer: { toJSON: () => value } })),
  'what toJSON throws': within((value) => ({ outer: { toJSON: () => raise(value) } })),
  'personal data': within((value) => ({ value: pii(value) })),
  'a secret': within((value) => ({ value: secret(value) })),
  'the cause of a field': within((value) => ({ failure: new Error('outer', { cause: value }) })),

  'the fields': ({ log }, id, value) => void call(log.child({ case: id }).info, 'event', value),
  'fields that are a secret': ({ log }, id, value) => void call(log.child({ case: id }).info, 'event', secret(value)),
  'fields that hold nothing else': ({ log }, id, value) => log.child({ case: id }).info('event', { value }),
  'fields with a getter that returns it': ({ log }, id, value) =>
    log.info(
      'event',
      withGetter('value', () => value, { case: id }),
    ),
  'fields with a getter that throws it': ({ log }, id, value) =>
    log.info(
      'event',
      withGetter('value', () => raise(value), { case: id }),
    ),
  'what a thunk returns': ({ log }, id, value) => void call(log.child({ case: id }).info, 'event', () => value),
  'what a thunk returns as a field': ({ log }, id, value) => log.info('event', () => ({ value, case: id })),
  'what a thunk throws': ({ log }, id, value) => log.child({ case: id }).info('event', () => raise(value)),
  'fields of a child': ({ log }, id, value) => log.child({ before: 1, value, case: id }).info('event'),
  'the fields of a child': ({ log }, id, value) =>
    log
      .child({ case: id })
      .child(value as Fields)
      .info('event'),
  'fields of a context': ({ log }, id, value) =>
    withContext({ before: 1, value, case: id }, () => log.info('event', { value: 'shadow' })),
  'the fields of a context': ({ log }, id, value) =>
    withContext({ case: id }, () => withContext(value as Fields, () => log.info('event'))),
  'fields bound to a context': ({ log }, id, value) =>
    withContext({ case: id }, () => {
      bindContext({ value });
      log.info('event');
    }),
  'the fields bound to a context': ({ log }, id, value) =>
    withContext({ case: id }, () => {
      bindContext(value as Fields);
      log.info('event');
    }),

  'the event': ({ log }, id, value) => void call(log.info, value, { case: id }),
  'the event, alone': ({ log }, id, value) => void call(log.child({ case: id }).info, value),
  'the event before a message': ({ log }, id, value) => void call(log.child({ case: id }).info, value, 'message'),
  'the event before an error': ({ log }, id, value) =>
    void call(log.child({ case: id }).error, value, new Error('second'), value),

  'the error': withError((value) => value),
  'a secret error': withError((value) => secret(value)),
  'the error of exception()': ({ log }, id, value) => log.exception(value, 'event', { case: id }),
  'the event of exception()': ({ log }, id, value) => void call(log.exception, new Error('x'), value, { case: id }),
  'the error as a field': within((value) => ({ err: value })),
  'the error as fields': ({ log }, id, value) => void call(log.child({ case: id }).error, 'event', value),
  'the cause of the error': withError((cause) => new Error('outer', { cause })),
  'one of the errors of the error': withError((value) => new AggregateError([value, new Error('other'), value])),
  'the message of the error': withError((value) => errorWith('message', value)),
  'the name of the error': withError((value) => errorWith('name', value)),
  'the stack of the error': withError((value) => errorWith('stack', value)),
  'the code of the error': withError((value) => errorWith('code', value)),
  'the class of the error': withError((value) => errorWith('constructor', value)),
  'the errors of the error': withError((value) => Object.assign(new AggregateError([]), { errors: value })),
  'what the error carries': withError((value) => errorWith('detail', value)),

  'the body of a bridge': emitted((_id, body) => ({ body })),
  'attributes of a bridge': emitted((id, value) => ({ body: 'text', attributes: { before: 1, value, case: id } })),
  'the attributes of a bridge': emitted((_id, attributes) => ({ body: 'text', attributes })),
  'the exception of a bridge': emitted((id, exception) => ({ body: 'text', exception, attributes: { case: id } })),
  'the event name of a bridge': emitted((_id, eventName) => ({ eventName })),
  'the severity of a bridge': emitted((_id, severityNumber) => ({ body: 'text', severityNumber })),
  'the severity text of a bridge': emitted((_id, severityText) => ({ body: 'text', severityText })),
  'the time of a bridge': emitted((_id, timestamp) => ({ body: 'text', timestamp })),
  'the observed time of a bridge': emitted((_id, observedTimestamp) => ({ body: 'text', observedTimestamp })),
  'the context of a bridge': emitted((_id, context) => ({ body: 'text', context })),
  'a record with a getter that throws it': emitted((_id, value) =>
    withGetter('eventName', () => raise(value), { body: 'text' }),
  ),
  'the record of a bridge': emitted((_id, value) => value as object),
  'the name of a scope': (_lanes, id, value) =>
    withContext({ case: id }, () => logs.getLogger(value as string).emit({ body: 'text' })),
  'the version of a scope': (_lanes, id, value) =>
    withContext({ case: id }, () => logs.getLogger('scope', value as string).emit({ body: 'text' })),
  'the options of a scope': (_lanes, id, value) =>
    withContext({ case: id }, () => logs.getLogger('scope', '1', value as object).emit({ body: 'text' })),
  'attributes of a scope': (_lanes, id, value) =>
    withContext({ case: id }, () => logs.getLogger('scope', '1', { attributes: { value } }).emit({ body: 'text' })),

  'the body of an older bridge': older((_id, body) => ({ body })),
  'attributes of an older bridge': older((id, value) => ({ body: 'text', attributes: { value, case: id } })),
  'the attributes of an older bridge': older((_id, attributes) => ({ body: 'text', attributes })),
  'the exception of an older bridge': older((_id, exception) => ({ body: 'text', exception })),
  'the record of an older bridge': older((_id, value) => value as object),

  'the body of an SDK record': processed((_id, body) => ({ body })),
  'attributes of an SDK record': processed((id, value) => ({ body: 'text', attributes: { value, case: id } })),
  'the event name of an SDK record': processed((_id, eventName) => ({ eventName })),
  'the severity of an SDK record': processed((_id, severityNumber) => ({ severityNumber })),
  'the time of an SDK record': processed((_id, hrTime) => ({ hrTime })),
  'the span of an SDK record': processed((_id, spanContext) => ({ spanContext })),
  'the name of an SDK scope': processed((_id, name) => ({ instrumentationScope: { name } })),
  'attributes of an SDK scope': processed((_id, value) => ({
    instrumentationScope: { name: 'x', attributes: { value } },
  })),
};
