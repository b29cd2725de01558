/** The half that was bundled with its own copy of spanlog. */
import type { RequestListener } from 'node:http';
import { bridgeConsole, bridgeDebug, bridgePino, bridgeWarnings, winstonTransport } from '../../../../src/bridges.ts';
import { bindContext, getLogger, register } from '../../../../src/index.ts';
import { requestLogging } from '../../../../src/node.ts';
import { PASSWORD } from '../../../bridges/apps/values.ts';
import { createDebug, winstonLog } from './shop.ts';

export { register as innerRegister };

export function bridgeInside(): void {
  bridgeConsole();
  bridgePino();
  bridgeDebug(createDebug);
  bridgeWarnings();
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston's types name a class, it takes any stream
  winstonLog.add(winstonTransport());
}

/** Inside of a scope that the other copy opened. */
export function logInside(): void {
  bindContext({ user_id: 'u-1' });
  getLogger('own').info('logged inside', { password: PASSWORD });
}

export const answer: RequestListener = requestLogging()((_request, response) => {
  getLogger('own').info('answered inside');
  response.end('ok');
});
