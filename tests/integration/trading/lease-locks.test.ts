import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createLeases, leaseLock, type Lease } from '../../../src/services/trading/leases.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createTradingFloor } from '../../support/trading-floor.ts';

const database = await createTestDatabase();
const floor = createTradingFloor(database);
const instrument = await floor.addInstrument();

const newHolder = () =>
  createLeases({ workerDb: database.worker, holder: randomUUID(), leaseMs: 60_000 });
const ofAcme = (leases: readonly Lease[]) =>
  leases.find((lease) => lease.instrument.id === instrument.id);

test('a fill in progress lets its holder renew and release, and nobody take', async () => {
  const [own, other] = [newHolder(), newHolder()];
  const lease = ofAcme(await own.renew());
  if (!lease) throw new Error('The only holder has every lease.');

  await database.worker.pipeline(systemViewer(), async (pipeline) => {
    const [[locked]] = await pipeline.ask(leaseLock(lease));
    expect(locked?.epoch).toBe(lease.epoch);
    // None of these waits for the fill, which would wait for them in turn.
    expect(ofAcme(await own.renew())?.epoch).toBe(lease.epoch);
    await own.release();
    expect(ofAcme(await other.renew())).toBeUndefined();
  });

  expect(ofAcme(await other.renew())?.epoch).toBe(lease.epoch + 1n);
  const held = await database.worker.pipeline(systemViewer(), async (pipeline) => {
    const [rows] = await pipeline.ask(leaseLock(lease));
    return rows.length;
  });
  expect(held).toBe(0);
});
