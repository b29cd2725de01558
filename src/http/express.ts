import { noteExpressErrors } from './express-errors.ts';
import { watchExpressRoute } from './express-route.ts';
import { openNodeRequest } from './node-request.ts';
import type { HttpRequest, HttpResponse } from './node-request.ts';
import { RequestLog } from './request-log.ts';
import type { RequestLogParts } from './request-log.ts';
import type { RequestLoggingOptions } from './request-settings.ts';

/** Middleware of Express 5, by its shape. */
export type ExpressRequestLogging<Request extends HttpRequest> = (
  request: Request,
  response: HttpResponse,
  next: (error?: unknown) => void,
) => void;

/** Request logging for Express 5. Errors are those that reach an error handler, the last one of Express included. */
export function createExpressRequestLogging<Request extends HttpRequest>(
  parts: RequestLogParts,
  options: RequestLoggingOptions<Request> | undefined,
): ExpressRequestLogging<Request> {
  const log = new RequestLog(parts, options);
  return function requestLogging(request, response, next) {
    const opened = openNodeRequest(log, request, response, { request });
    if (opened === undefined) return next();
    const { served, first } = opened;
    const noteErrors = (): void => noteExpressErrors(request, (carrier, error) => log.find(carrier)?.fail(error));
    noteErrors();
    let app: unknown = Reflect.get(request, 'app');
    served.route ??= watchExpressRoute(request, () => {
      const entered: unknown = Reflect.get(request, 'app');
      if (entered === app) return;
      // An application that is mounted in another has error handlers of its own.
      app = entered;
      noteErrors();
    });
    if (first) served.run(() => next());
    else next();
  };
}
