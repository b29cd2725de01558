/**
 * `node --import spanlog/register app.js` (or `--require`): registers from the environment before the application loads.
 */
import { registry } from './start.ts';

registry().register(undefined, true);
