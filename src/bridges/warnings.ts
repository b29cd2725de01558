import { SEVERITY } from '../core/level.ts';
import type { BridgeTarget } from './bridge-target.ts';

const SOURCE = 'process.warning';
/** By which the console's bridge knows the line that Node prints of a warning. */
export const WARNING_KEY = '(node) warning';

/**
 * Logs what Node warns of (`process.emitWarning`, deprecations, too many listeners) at WARN. Node prints its own line as
 * before: that is a listener of its own, after ours. It prints by `console.error`, which is no second record. However often
 * it is opened, a warning is logged once.
 *
 * @returns stops it
 */
export function openWarnings(target: BridgeTarget): () => void {
  const shared = (target.warnings ??= { listener: listenFor(target), users: 0 });
  if (shared.users++ === 0) process.prependListener('warning', shared.listener);
  let isOpen = true;
  return () => {
    if (isOpen && --shared.users === 0) process.off('warning', shared.listener);
    isOpen = false;
  };
}

function listenFor(target: BridgeTarget): (warning: Error) => void {
  target.open('console', 'warning', true);
  return (warning) => {
    target.isRepeat({ library: 'console', route: 'warning', key: WARNING_KEY });
    target.attempt(() => target.emit(SOURCE, recordOf(warning)));
  };
}

function recordOf(warning: Error): Parameters<BridgeTarget['emit']>[1] {
  const severity = SEVERITY.warn;
  try {
    // Its code and detail are part of the exception.
    return { severity, body: warning.message, error: warning };
  } catch {
    // A getter of the warning threw: what can be read of it is for the reader of errors.
    return { severity, body: 'warning', error: warning };
  }
}
