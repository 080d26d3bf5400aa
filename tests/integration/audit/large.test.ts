import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { verifyAuditLog } from '../../../src/services/audit/verification.ts';
import { createAuditHouse, keyringOf } from './house.ts';

const RECORDS = 100_000;
/** All of the links in memory would be a hundred and more. */
const GROWTH_MAX_BYTES = 32 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

it('a hundred thousand records are sealed and verified in the memory of a few', async () => {
  const house = await createAuditHouse();
  await house.query(
    `INSERT INTO audit_records (id, occurred_at, action, target_type, after, address, user_agent)
     SELECT uuidv7(), timestamptz '2026-03-01' + n * interval '1 second', 'model.updated',
       'Model', jsonb_build_object('version', n, 'name', repeat('x', 200)), '192.0.2.7', 'tests'
     FROM generate_series(1, $1::int) n`,
    [RECORDS],
  );
  house.clock.set('2026-03-03T00:00:00Z');
  const startBytes = heapBytes();
  expect(await house.sealerWith({ batchSize: 1_000 }).seal()).toBe(RECORDS);
  const sealedBytes = heapBytes();

  let peakBytes = 0;
  const verification = await verifyAuditLog({
    ...{ workerDb: house.database.worker, anchors: house.anchors, keyring: keyringOf('one') },
    from: 1n,
    onProgress: () => {
      peakBytes = Math.max(peakBytes, heapBytes());
    },
  });
  expect(verification?.checkedCount).toBe(RECORDS);
  expect(verification?.verdict).toBe('INTACT');
  expect(sealedBytes - startBytes).toBeLessThan(GROWTH_MAX_BYTES);
  expect(peakBytes - startBytes).toBeLessThan(GROWTH_MAX_BYTES);
});
