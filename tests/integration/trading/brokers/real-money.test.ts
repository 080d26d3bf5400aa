import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { userViewer } from '../../../../src/services/platform/viewer.ts';
import { LiveTradingDisabled } from '../../../../src/services/trading/brokers/errors.ts';
import { openBrokerHouse } from './broker-house.ts';

/** A deployment that trades real money. */
const house = await openBrokerHouse({ isLiveTrading: true });
const { open, place, preview, venue, office } = house;

test('is traded when its owner lets it, and not before', async () => {
  await open({ isSandbox: false });
  const refusal = await place().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(LiveTradingDisabled);
  expect(refusal).toMatchObject({ missing: 'ACCOUNT' });
  expect(venue().orderCount()).toBe(0);
  expect((await preview()).refusal).toMatchObject({ code: 'LIVE_TRADING_DISABLED', orderId: null });
  const secondFactorAt = house.floor.clock.now();
  await office.current.connections.setLiveTrading(
    userViewer(
      { userId: house.viewer().userId ?? '', role: 'USER' },
      { sessionId: randomUUID(), secondFactorAt },
    ),
    { accountId: house.accountId(), isEnabled: true, idempotencyKey: randomUUID() },
  );
  expect((await preview()).refusal).toBeNull();
  expect((await place()).status).toBe('ACCEPTED');
  expect(venue().orderCount()).toBe(1);
});
