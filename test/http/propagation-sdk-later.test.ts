import { test } from 'node:test';
import { assertOneTrace, startSdk, startSpanlog } from './propagation-sdk.ts';

test('R3.5 beside a NodeSDK that instruments requests and starts later, one traceparent goes out, the SDK’s', async (t) => {
  startSpanlog();
  const sdk = startSdk();
  t.after(() => sdk.shutdown());
  await assertOneTrace(t);
});
