/** Bytes of the body as the response's headers tell; nobody counts what a platform sends. */
export function bodyLength(headers: { get(name: string): string | null }): number | undefined {
  const length = headers.get('content-length');
  return length === null || !/^\d{1,15}$/.test(length) ? undefined : Number(length);
}
