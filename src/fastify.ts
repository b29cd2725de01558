/**
 * `spanlog/fastify`: request logging for Fastify 5.
 */
import { createFastifyRequestLogging } from './http/fastify.ts';
import type { FastifyHttpRequest, FastifyRequestLogging } from './http/fastify.ts';
import type { RequestLoggingOptions as Options } from './http/request-settings.ts';
import { registry } from './start.ts';

export type { FastifyApplication, FastifyHttpRequest, FastifyRequestLogging } from './http/fastify.ts';
export type { PathRule } from './http/path-rules.ts';
export type { RequestLevels, RequestOutcome } from './http/request-outcome.ts';
export type RequestLoggingOptions = Options<FastifyHttpRequest>;

/**
 * Logs each request of a Fastify application, and gives what is logged inside it its `request_id` and trace. Register it
 * before everything else; a bad option fails the start.
 *
 *     await app.register(requestLogging);
 */
export const requestLogging: FastifyRequestLogging = createFastifyRequestLogging(registry);
