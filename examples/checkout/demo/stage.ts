import { openStore } from '../../../src/dev/store.ts';
import type { LogStore } from '../../../src/dev/store.ts';
import { startReceiver } from '../../../src/dev/receiver.ts';
import type { Receiver } from '../../../src/dev/receiver.ts';
import type { ServiceLedger } from './ledgers.ts';
import { ServiceProcess } from './service-process.ts';
import { paint } from './terminal.ts';

/** Those that others call come first, for the others need their address. */
const SERVICES = [
  { name: 'gateway', addressFor: 'GATEWAY_URL' },
  { name: 'payment', addressFor: 'PAYMENT_URL' },
  { name: 'checkout', addressFor: 'CHECKOUT_URL' },
] as const;
type ServiceName = (typeof SERVICES)[number]['name'];

export interface StageOptions {
  /** A collector that is there already; without one the stage has a receiver of its own. */
  readonly endpoint: string | undefined;
  readonly gatewayToken: string;
  readonly onLine: (line: string) => void;
}

/** The three services and, unless there is a collector, the receiver: what has to be started and ended. */
export class Stage {
  /** What the services sent; undefined when it went to somebody else's collector. */
  readonly store: LogStore | undefined;
  /** Rejects when a service ends without having been asked to. */
  readonly died: Promise<never>;
  readonly #options: StageOptions;
  readonly #reportDeath: (error: Error) => void;
  readonly #services: ServiceProcess[] = [];
  readonly #urls = new Map<ServiceName, string>();
  #receiver: Receiver | undefined;

  constructor(options: StageOptions) {
    this.#options = options;
    this.store = options.endpoint === undefined ? openStore() : undefined;
    const { promise, reject } = Promise.withResolvers<never>();
    // Whoever waits at that moment sees it; before and after, there is nobody to.
    promise.catch(() => undefined);
    this.died = promise;
    this.#reportDeath = reject;
  }

  /** Resolves when logs can be received. */
  async open(): Promise<void> {
    if (this.store !== undefined) this.#receiver = await startReceiver({ store: this.store, port: 0 });
  }

  /** Resolves when all services listen. */
  async start(): Promise<void> {
    const env = this.#environment(this.endpoint);
    for (const { name, addressFor } of SERVICES) {
      const service = new ServiceProcess({
        name,
        env: { ...env, OTEL_SERVICE_NAME: name },
        onLine: this.#options.onLine,
        onDeath: (reason) => this.#reportDeath(new Error(reason)),
      });
      // Those that call come before those that are called, which is the order to end them in.
      this.#services.unshift(service);
      const url = await service.ready();
      env[addressFor] = url;
      this.#urls.set(name, url);
    }
  }

  /** Where the services send their logs. */
  get endpoint(): string {
    return this.#options.endpoint ?? this.#receiver?.url ?? '';
  }

  urlOf(service: ServiceName): string {
    return this.#urls.get(service) ?? '';
  }

  /** What each service has counted so far, all that it had being sent. */
  ledgers(): Promise<ServiceLedger[]> {
    return Promise.all(
      this.#services.map(async (service) => ({ service: service.name, ledger: await service.ledger() })),
    );
  }

  /** Ends the services, those first that call others, and gives their last ledgers. */
  async stop(): Promise<ServiceLedger[]> {
    const ledgers: ServiceLedger[] = [];
    for (const service of this.#services) ledgers.push({ service: service.name, ledger: await service.stop() });
    return ledgers;
  }

  /** Ends what is left, now. */
  async close(): Promise<void> {
    for (const service of this.#services) service.kill();
    await this.#receiver?.close();
    this.store?.close();
  }

  #environment(endpoint: string): NodeJS.ProcessEnv {
    // What is meant for another collector, such as its headers or its certificate, is not meant for our receiver.
    const foreign = this.#receiver === undefined ? /^(FORCE|NO)_COLOR$/ : /^((FORCE|NO)_COLOR|OTEL_EXPORTER_OTLP_.*)$/;
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
    return {
      ...env,
      ...(paint('bold', '') === '' ? { NO_COLOR: '1' } : { FORCE_COLOR: '1' }),
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_RESOURCE_ATTRIBUTES: env.OTEL_RESOURCE_ATTRIBUTES ?? 'deployment.environment.name=demo',
      // The tracing SDK sends spans, and leaves the logs to spanlog.
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      SPANLOG_DESTINATIONS: 'otlp,pretty',
      GATEWAY_TOKEN: this.#options.gatewayToken,
    };
  }
}
