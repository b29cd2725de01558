import type { ServiceSettings } from './resolved-settings.ts';

/** The attribute of the resource that each setting of `service` becomes (semantic conventions; `worker.id` is ours). */
export const SERVICE_ATTRIBUTES: Readonly<Record<keyof ServiceSettings, string>> = {
  name: 'service.name',
  version: 'service.version',
  environment: 'deployment.environment.name',
  instanceId: 'service.instance.id',
  region: 'cloud.region',
  worker: 'worker.id',
};
