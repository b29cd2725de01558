/** Codes of connections whose other end has gone, stalls, or talks no HTTP. */
const CODES = /^(ECONNRESET|EPIPE|ECONNABORTED|ETIMEDOUT|ERR_HTTP_REQUEST_TIMEOUT|ERR_STREAM_PREMATURE_CLOSE|HPE_.*)$/;

/** True for an error that tells of a client that went away, and of no failure of the server. */
export function isClientGone(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  try {
    const code: unknown = Reflect.get(error, 'code');
    return typeof code === 'string' && CODES.test(code);
  } catch {
    // What can't be asked was made by the application.
    return false;
  }
}
