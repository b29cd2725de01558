/** NodeSDK on its defaults, as an application preloads it: traces and, unless told otherwise, logs of its own. */
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK();
sdk.start();
process.once('beforeExit', () => void sdk.shutdown());
