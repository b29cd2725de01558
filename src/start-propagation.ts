import type { Settings } from './config/resolved-settings.ts';
import type { Diag } from './core/diag.ts';
import { propagateTo } from './http/propagation.ts';
import { baggageFields } from './logger/baggage-fields.ts';
import type { Hub } from './logger/hub.ts';

/** What crosses to other services and comes from them, as the settings say. Returns what stops it. */
export function startPropagation(hub: Hub, { propagate, baggage }: Settings, diag: Diag): () => void {
  hub.context.baggage = baggage.length === 0 ? undefined : baggageFields(baggage);
  return propagate.hosts.length === 0 ? () => undefined : propagateTo(propagate.hosts, hub.context, diag);
}
