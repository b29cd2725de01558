type ErrorHandler = (error: unknown, request: object, response: unknown, next: (error?: unknown) => void) => unknown;
type Note = (request: object, error: unknown) => void;

/** A layer of a router, by its shape. */
interface Layer {
  handle?: unknown;
  readonly route?: { readonly stack?: unknown };
}

/** Handlers that note what they are given. */
const noting = new WeakSet();
/** Per stack of layers: how many of them were looked at. */
const seen = new WeakMap<readonly unknown[], number>();

/**
 * Learns of the errors of an Express application. Express tells nobody but its error handlers, which come after all else,
 * and a middleware that comes first hears nothing of them. So the error handlers that there are note the error before
 * they run, and one more at the end notes what none of them took.
 *
 * The order of the layers stays as it is, and what handlers do too. An application whose insides look otherwise loses
 * nothing but the exception on the record: the status still tells of the failure.
 */
export function noteExpressErrors(request: object, note: Note): void {
  try {
    noteErrorsOf(Reflect.get(request, 'app'), note);
  } catch {
    // Express 4 throws at who asks for `app.router`. No request fails for what a record would say more.
    return;
  }
}

function noteErrorsOf(app: unknown, note: Note): void {
  if (typeof app !== 'function') return;
  // Express 4 has its router here.
  const router: unknown = Reflect.get(app, '_router') ?? Reflect.get(app, 'router');
  const stack: unknown = typeof router === 'function' ? Reflect.get(router, 'stack') : undefined;
  const use: unknown = Reflect.get(app, 'use');
  if (!Array.isArray(stack) || typeof use !== 'function') return;
  if (seen.get(stack) === undefined) {
    // Arity tells Express that this is an error handler.
    const last: ErrorHandler = function requestLoggingErrors(error, failed, _response, next) {
      note(failed, error);
      next(error);
    };
    noting.add(last);
    Reflect.apply(use, app, [last]);
  }
  noteIn(stack as Layer[], note);
}

function noteIn(stack: readonly Layer[], note: Note): void {
  if (seen.get(stack) === stack.length) return;
  seen.set(stack, stack.length);
  for (const layer of stack) {
    const { handle } = layer;
    if (typeof handle !== 'function' || noting.has(handle)) continue;
    const inner: unknown = Reflect.get(handle, 'stack') ?? layer.route?.stack;
    if (Array.isArray(inner)) noteIn(inner as Layer[], note);
    else if (handle.length === 4) layer.handle = notingFirst(handle as ErrorHandler, note);
  }
}

function notingFirst(handler: ErrorHandler, note: Note): ErrorHandler {
  const first = function (this: unknown, ...args: Parameters<ErrorHandler>): unknown {
    note(args[1], args[0]);
    return Reflect.apply(handler, this, args);
  };
  Object.defineProperties(first, { length: { value: 4 }, name: { value: handler.name } });
  noting.add(first);
  return first;
}
