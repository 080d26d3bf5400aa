import { expect, it } from 'vitest';
import { createMailRows } from '../../../src/services/notifications/mail-rows.ts';
import { createMailHouse } from '../../support/mail-house.ts';

const house = await createMailHouse();
const rows = createMailRows({ workerDb: house.database.worker });
const LEASE_MS = 120_000;
const claim = async () => {
  const [mail] = await rows.claim({ now: house.clock.now(), leaseMs: LEASE_MS, limit: 1 });
  if (!mail) throw new Error('No mail is due.');
  return mail;
};

it('a note of a process that lost its mail changes nothing of what the newer one wrote', async () => {
  const id = await house.add();
  const late = await claim();
  house.clock.advance(LEASE_MS / 1_000);
  const newer = await claim();
  expect([late.id, newer.id, late.attempts, newer.attempts]).toEqual([id, id, 1, 2]);
  const note = (mail: typeof late, kind: 'SENT' | 'DROPPED') =>
    rows.settle(mail, { kind }, house.clock.now());

  // While the newer one still works at it, and when it waits for its next try.
  const taken = await house.row(id);
  expect(await note(late, 'SENT')).toBe(false);
  expect(await house.row(id)).toEqual(taken);
  const at = new Date(house.clock.now().getTime() + 30_000);
  const retry = { kind: 'RETRY', at, error: 'Greylisted' } as const;
  expect(await rows.settle(newer, retry, house.clock.now())).toBe(true);
  const waiting = await house.row(id);
  expect(waiting).toMatchObject({ status: 'QUEUED', attempts: 2, next_attempt_at: at });
  expect(await note(late, 'SENT')).toBe(false);
  expect(await house.row(id)).toEqual(waiting);

  // What is done with stays so, whoever notes what.
  expect(await note(newer, 'SENT')).toBe(true);
  const sent = await house.row(id);
  expect(await note(late, 'DROPPED')).toBe(false);
  expect(await note(newer, 'DROPPED')).toBe(false);
  expect(await house.row(id)).toEqual(sent);
});
