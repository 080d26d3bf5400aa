import { expect, test } from 'vitest';
import type { Database } from '../../../src/services/platform/database.ts';
import { Decimal } from '../../../src/services/platform/money.ts';
import type { OpenOrder } from '../../../src/services/trading/resting-orders.ts';
import { createTrailRecords } from '../../../src/services/trading/trail-records.ts';

/** Each write waits until it is let through. */
function slowRecords() {
  const begun: (() => void)[] = [];
  const workerDb = {
    withViewer: () => new Promise<void>((resolve) => void begun.push(resolve)),
  } as unknown as Database;
  const errors: object[] = [];
  const logger = { error: (fields: object) => void errors.push(fields) };
  return { begun, errors, records: createTrailRecords({ workerDb, logger }) };
}

const moved = (stop: number) => () => [
  { id: 'order', stopPrice: new Decimal(stop) } as unknown as OpenOrder,
];
const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve));

test('the last record waits for the one that is being written, and holds what moved since', async () => {
  const { begun, errors, records } = slowRecords();
  const kept = records.keep(moved(98));
  let isFinished = false;
  const finished = records.finish(moved(99)).then(() => (isFinished = true));
  await turnOfTheLoop();
  expect([begun.length, isFinished]).toEqual([1, false]);
  begun[0]?.();
  await kept;
  await turnOfTheLoop();
  expect([begun.length, isFinished]).toEqual([2, false]);
  begun[1]?.();
  await finished;
  expect(errors).toEqual([]);
});
