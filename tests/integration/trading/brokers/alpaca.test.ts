import { expect, test } from 'vitest';
import { systemClock } from '../../../../src/services/platform/clock.ts';
import { createAlpaca } from '../../../../src/services/trading/brokers/alpaca/alpaca.ts';
import { BrokerRefused } from '../../../../src/services/trading/brokers/errors.ts';
import { describeBroker } from '../../../support/broker-contract.ts';
import { startFakeAlpaca } from '../../../support/fake-alpaca.ts';

describeBroker('Alpaca', async () => {
  const { venue, hosts, keys, stop } = await startFakeAlpaca();
  const broker = createAlpaca({ hosts, keys, clock: systemClock, timeoutMs: 2_000 });
  return { broker, venue, close: stop };
});

test('a price that is a number there keeps every digit', async () => {
  const { hosts, keys, stop } = await startFakeAlpaca();
  const broker = createAlpaca({ hosts, keys, clock: systemClock });
  expect((await broker.quote('AAPL'))?.bid.toFixed()).toBe('150.9000000000000000001');
  await stop();
});

test('keys that Alpaca does not know are refused', async () => {
  const { hosts, stop } = await startFakeAlpaca();
  const keys = { keyId: 'PKOTHER', secret: 'wrong' };
  const broker = createAlpaca({ hosts, keys, clock: systemClock });
  await expect(broker.cash()).rejects.toThrow(BrokerRefused);
  await stop();
});
