import { isDomException } from './exception.ts';

/** What the other side of a call answered: 503, `ECONNREFUSED`, `UNAVAILABLE`. */
export type Status = string | number;

const SHORT = 64;

/** The HTTP status of a response. Nothing else is taken for one: an order has a `status`, too. */
export function statusOfResult(result: unknown): Status | undefined {
  for (const key of ['status', 'statusCode']) {
    const status = property(result, key);
    if (typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 599) return status;
  }
  return undefined;
}

/** What an error says about the answer: its own status or code, that of the response it has, or of its cause. */
export function statusOfError(error: unknown): Status | undefined {
  const response = property(error, 'response');
  const cause = property(error, 'cause');
  const found = [
    property(error, 'status'),
    property(error, 'statusCode'),
    property(response, 'status'),
    property(response, 'statusCode'),
    codeOf(error),
    codeOf(cause),
  ];
  return found.find(isStatus);
}

/** That of a DOMException is a number of its own (23 for a timeout), which looks like a status and is none: its name is told. */
function codeOf(error: unknown): unknown {
  return isDomException(error) ? property(error, 'name') : property(error, 'code');
}

function isStatus(value: unknown): value is Status {
  return typeof value === 'number' || (typeof value === 'string' && value !== '' && value.length <= SHORT);
}

function property(object: unknown, key: string): unknown {
  if (typeof object !== 'object' || object === null) return undefined;
  try {
    return Reflect.get(object, key);
  } catch {
    // A getter that throws tells no status.
    return undefined;
  }
}
