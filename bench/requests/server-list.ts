import type { ServerKind } from './server.ts';

/** Everything in the table is a ratio to this server, which logs nothing. */
export const SERVER_BASELINE = 'no-logging';

/** The files in `servers/`, in the order of the table. A new row is a new file and its name here. */
export const SERVER_NAMES = [
  SERVER_BASELINE,
  'spanlog',
  'spanlog-end-only',
  'fastify-logger',
  'pino-http',
  'pino-opentelemetry-transport',
] as const;

export type ServerName = (typeof SERVER_NAMES)[number];

export function isServerName(name: string): name is ServerName {
  return (SERVER_NAMES as readonly string[]).includes(name);
}

/** Loads one server, so that a process pays for the code of that one only. */
export async function loadServer(name: ServerName): Promise<ServerKind> {
  const module = (await import(`./servers/${name}.ts`)) as { server: ServerKind };
  return module.server;
}
