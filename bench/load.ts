import { randomUUID } from 'node:crypto';
import type { Context } from '@opentelemetry/api';
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import type { OrderFields, RunningPeer } from './peer.ts';

/** One request of an imagined service logs this many records inside its span. */
const RECORDS_PER_SPAN = 16;

/**
 * Spans and values are made before anything is timed, and come round again after this many. It is far past what a
 * cache of recent ids or strings could hold, so that no peer is measured on its cache.
 */
const DISTINCT_SPANS = 1_024;
const DISTINCT_VALUES = 16_384;

/** Records per slice: what a default queue of the SDK's batch processor holds, and full batches for it and for spanlog. */
export const SLICE_RECORDS = 2_048;

/** The work that every peer does: the same values, in the same spans, in the same order. */
export class Load {
  readonly #spans: Context[];
  readonly #orderIds: string[];
  readonly #amounts: number[];
  readonly #currencies = ['EUR', 'USD', 'GBP', 'JPY'];
  #sent = 0;

  /** Starts real spans of the OTel SDK, under its AsyncLocalStorage context manager; no span is exported. */
  constructor() {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const provider = new TracerProvider();
    trace.setGlobalTracerProvider(provider);
    const tracer = provider.getTracer('bench');
    this.#spans = Array.from({ length: DISTINCT_SPANS }, () =>
      trace.setSpan(ROOT_CONTEXT, tracer.startSpan('POST /orders')),
    );
    // Flat, as a text is that came in a request: `randomUUID` joins its text of parts, which whoever reads it first pays for.
    this.#orderIds = Array.from({ length: DISTINCT_VALUES }, () => Buffer.from(randomUUID()).toString('latin1'));
    this.#amounts = Array.from({ length: DISTINCT_VALUES }, (_, index) => 5 + (index % 49_999) / 100);
  }

  /** Logs `count` records in one go, without yielding, and returns how long it took in ns. */
  emit(peer: RunningPeer, count: number): number {
    const end = this.#sent + count;
    const startedNs = process.hrtime.bigint();
    while (this.#sent < end) {
      const span = this.#spans[Math.floor(this.#sent / RECORDS_PER_SPAN) % DISTINCT_SPANS] ?? ROOT_CONTEXT;
      context.with(span, this.#emitRequest, this, peer, Math.min(RECORDS_PER_SPAN, end - this.#sent));
    }
    return Number(process.hrtime.bigint() - startedNs);
  }

  /** The fields of record number `index`, as a new object each time, as a real call makes one. */
  fields(index: number): OrderFields {
    const slot = index % DISTINCT_VALUES;
    return {
      order_id: this.#orderIds[slot] ?? '',
      item_count: slot % 12,
      amount: this.#amounts[slot] ?? 0,
      express: (slot & 1) === 0,
      currency: this.#currencies[slot & 3] ?? '',
    };
  }

  #emitRequest(peer: RunningPeer, count: number): void {
    const first = this.#sent;
    for (let index = first; index < first + count; index++) peer.log(this.fields(index));
    this.#sent = first + count;
  }
}
