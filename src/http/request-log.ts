import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { ActiveRequest } from '../logger/context.ts';
import type { Fields } from '../logger/fields.ts';
import type { Logger } from '../logger/logger.ts';
import { ServedRequest } from './served-request.ts';
import { pathOf } from './path-rules.ts';
import { requestIdFrom } from './request-id.ts';
import { readRequestSettings } from './request-settings.ts';
import type { RequestLoggingOptions, RequestSettings } from './request-settings.ts';
import { readTraceParent } from './trace-parent.ts';

/** What the adapters need of the registry. */
export interface RequestLogParts {
  getLogger(name: string): Logger;
  withContext<T>(fields: Fields, fn: () => T, request?: ActiveRequest): T;
}

/** A request as an adapter finds it. */
export interface RequestHead<Request> {
  /** What hooks of the user get. */
  readonly request: Request;
  /** The object that stands for this request, whichever adapter sees it: it remembers that it is being logged. */
  readonly carrier: object;
  readonly method: string;
  /** Path and query, or a URL. */
  readonly target: string;
  /** A header by its name in lower case; several of one name joined by `, `. */
  readonly header: (name: string) => unknown;
  readonly address: () => string | undefined;
  /** The route, where it is known before the handler runs. */
  readonly route?: string | undefined;
}

/** On the carrier: the request that is being logged. Registered, so that two copies of the package log it once. */
const SERVED = Symbol.for('spanlog.request');

/**
 * One `requestLogging(options)`: it opens a scope for each request, in which every record has the request's id and trace,
 * and logs its start and its end.
 *
 * The frameworks differ in where a request comes in, how its route and its errors are found, and nothing else; that is
 * what the adapters beside this file are for.
 */
export class RequestLog<Request> {
  readonly settings: RequestSettings<Request>;
  readonly #parts: RequestLogParts;
  readonly #current = new AsyncLocalStorage<ServedRequest<Request>>();

  /** @throws TypeError for a bad option */
  constructor(parts: RequestLogParts, options: RequestLoggingOptions<Request> = {}) {
    this.settings = readRequestSettings(options);
    this.#parts = parts;
  }

  /** The request that is being logged already, by this adapter or by one around it; also once it has ended. */
  find(carrier: object): ServedRequest<Request> | undefined {
    return Reflect.get(carrier, SERVED) as ServedRequest<Request> | undefined;
  }

  /** Takes over a request; undefined when it can't be read, and then it is served without us. Never throws. */
  open(head: RequestHead<Request>): ServedRequest<Request> | undefined {
    try {
      const { settings } = this;
      const path = pathOf(head.target);
      const served = new ServedRequest({
        settings,
        head,
        path,
        id: this.#idOf(head),
        parent: readTraceParent(head.header('traceparent'), head.header('tracestate')),
        logger: this.#parts.getLogger(settings.logger),
        withContext: (fields, fn, request) => this.#parts.withContext(fields, fn, request),
        current: this.#current,
        ignored: settings.isIgnored(path),
        quiet: settings.isQuiet(path),
      });
      Object.defineProperty(head.carrier, SERVED, { value: served, configurable: true });
      return served;
    } catch {
      // A request of a form that no server makes: a frozen one, a double in a test. Serving it matters more.
      return undefined;
    }
  }

  #idOf({ header }: RequestHead<Request>): string {
    const { settings } = this;
    const create = (): unknown => {
      try {
        return settings.createRequestId?.() ?? randomUUID();
      } catch {
        // The user's function: its absence costs nothing but its form of ids.
        return undefined;
      }
    };
    return requestIdFrom(settings.trustRequestId ? header(settings.requestIdHeader) : undefined, create);
  }
}
