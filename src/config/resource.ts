import cluster from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';
import type { Value } from '../core/value.ts';
import { ValueMap } from '../core/value.ts';
import type { ApplicationPackage } from './application-package.ts';
import { findApplicationPackage } from './application-package.ts';
import type { ServiceSettings, Settings } from './resolved-settings.ts';
import { SERVICE_ATTRIBUTES } from './resource-attributes.ts';

/** What a process knows of itself; a test makes its own. */
export interface ProcessFacts {
  readonly pid: number;
  readonly hostName: string;
  /** `node`, from the path of the executable. */
  readonly executable: string;
  /** `24.1.0`. */
  readonly nodeVersion: string;
  /** Undefined in the main thread. */
  readonly threadId: number | undefined;
  /** Undefined outside of `node:cluster`. */
  readonly clusterWorkerId: number | undefined;
  /** Name and version of the application, where its package.json says them. Asked only when they are needed. */
  readonly application: () => ApplicationPackage;
  readonly randomId: () => string;
}

export function readProcessFacts(): ProcessFacts {
  return {
    pid: process.pid,
    hostName: hostname(),
    executable: basename(process.execPath, '.exe'),
    nodeVersion: process.versions.node,
    threadId: isMainThread ? undefined : threadId,
    clusterWorkerId: cluster.worker?.id,
    application: findApplicationPackage,
    randomId: randomUUID,
  };
}

/**
 * Who is logging: the attributes that every record of this process shares (OTel Resource, semantic conventions 1.44).
 *
 * In rising order: what is detected, OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME, code. Settings hold the last three,
 * merged. `version` is our own.
 *
 * `service.name` falls back to the name in the application's package.json before the specification's
 * `unknown_service:node`: a name that many services share helps nobody at 3 AM.
 */
export function detectResource(settings: Settings, facts: ProcessFacts, version: string): ValueMap {
  const attributes = new Map<string, Value>();
  const { resourceDetectors: detectors } = settings;

  attributes.set('service.name', `unknown_service:${facts.executable}`);
  if (detectors.has('service')) {
    const { service } = settings;
    const application = service.name === undefined || service.version === undefined ? facts.application() : {};
    if (application.name !== undefined) attributes.set('service.name', application.name);
    if (application.version !== undefined) attributes.set('service.version', application.version);
    attributes.set('service.instance.id', facts.randomId());
  }
  if (detectors.has('host')) attributes.set('host.name', facts.hostName);
  if (detectors.has('process')) {
    attributes.set('process.pid', facts.pid);
    attributes.set('process.runtime.name', 'nodejs');
    attributes.set('process.runtime.version', facts.nodeVersion);
    if (facts.threadId !== undefined) attributes.set('thread.id', facts.threadId);
    if (facts.clusterWorkerId !== undefined) attributes.set('worker.id', String(facts.clusterWorkerId));
  }
  // `opentelemetry` is reserved for the official SDK; another one names itself (semconv, telemetry.sdk.name). The
  // distribution is the same, for people who look there for what was installed.
  attributes.set('telemetry.sdk.name', 'spanlog');
  attributes.set('telemetry.sdk.language', 'nodejs');
  attributes.set('telemetry.sdk.version', version);
  attributes.set('telemetry.distro.name', 'spanlog');
  attributes.set('telemetry.distro.version', version);

  const { keys, values } = settings.resource;
  for (let i = 0; i < keys.length; i++) attributes.set(keys[i] as string, values[i] as Value);
  for (const [key, attribute] of Object.entries(SERVICE_ATTRIBUTES)) {
    const value = settings.service[key as keyof ServiceSettings];
    if (value !== undefined) attributes.set(attribute, value);
  }
  return ValueMap.from(attributes);
}
