import type { Fields } from './fields.ts';
import type { Logger } from './logger.ts';
import { mergedFields, problemOfName } from './merged-fields.ts';

/** The event of every change of state. */
const TRANSITION_EVENT = 'state_changed';

/** Which states an entity can go to, from each of them. */
export interface Transitions<State extends string = string> {
  readonly entity: string;
  readonly allowed: ReadonlyMap<State, readonly State[]>;
}

/**
 * The states of an entity and where each may lead, for `log.transition`: one that is not in the table is logged at ERROR.
 *
 * ```ts
 * const order = defineTransitions('order', { placed: ['paid', 'cancelled'], paid: ['shipped'], shipped: [], cancelled: [] });
 * log.transition(order, 'o-1', 'placed', 'paid');
 * ```
 *
 * @throws TypeError for what is no such table
 */
export function defineTransitions<const State extends string>(
  entity: string,
  table: Readonly<Record<State, readonly NoInfer<State>[]>>,
): Transitions<State> {
  const allowed = new Map<State, readonly State[]>();
  for (const [state, next] of statesOf(table)) {
    if (!Array.isArray(next)) {
      throw new TypeError(
        `defineTransitions: '${state}' needs a list of the states that it may lead to, were it empty`,
      );
    }
    allowed.set(state as State, [...(next as readonly State[])]);
  }
  return { entity, allowed };
}

function statesOf(table: unknown): readonly (readonly [string, unknown])[] {
  if (typeof table === 'object' && table !== null) return Object.entries(table);
  throw new TypeError("defineTransitions needs a table such as { placed: ['paid'], paid: [] }");
}

/** Logs a change of state; one that its table does not allow has happened all the same. */
export function logTransition(
  log: Logger,
  entity: string | Transitions,
  id: string | number,
  from: string,
  to: string,
  fields: unknown,
): void {
  const table = isTable(entity) ? entity : undefined;
  const allowed = table === undefined ? undefined : allowedFrom(table, from);
  const isAllowed = allowed?.includes(to) ?? true;
  const merged = (): Fields => {
    const name: unknown = table === undefined ? entity : table.entity;
    const change: Record<string, unknown> = { ...problemOf(name, from, to), entity: name, entity_id: id, from, to };
    if (!isAllowed) change.allowed = allowed;
    return mergedFields(change, [fields]);
  };
  log[isAllowed ? 'info' : 'error'](TRANSITION_EVENT, merged);
}

function problemOf(entity: unknown, from: unknown, to: unknown): Readonly<Record<string, string>> | undefined {
  return (
    problemOfName('the entity of a transition', entity) ??
    problemOfName('the state before a transition', from) ??
    problemOfName('the state after a transition', to)
  );
}

/** A table that was not made here may hold anything: what is no list allows nothing. */
function allowedFrom({ allowed }: Transitions, from: string): readonly unknown[] {
  const next: unknown = allowed.get(from);
  return Array.isArray(next) ? next : [];
}

function isTable(entity: unknown): entity is Transitions {
  try {
    return typeof entity === 'object' && entity !== null && 'allowed' in entity && entity.allowed instanceof Map;
  } catch {
    // A proxy that throws is no table, and no name either: the record says so.
    return false;
  }
}
