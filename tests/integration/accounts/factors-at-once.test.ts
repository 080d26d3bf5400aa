import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { SecondFactorRequired } from '../../../src/services/accounts/factor-errors.ts';
import { whileHeld } from '../../support/held-table.ts';
import { createSoftwarePasskey } from '../../support/software-passkey.ts';
import { createFactorPerson, devicePage } from './factor-person.ts';
import { createHouse } from './house.ts';

const house = await createHouse();
const { database, factors } = house;
const { passkeys } = factors;
const person = createFactorPerson(house);
type Self = Awaited<ReturnType<typeof person.viewerOf>>;

/** What a new device answers for the viewer, ready to be registered. */
async function newDevice(viewer: Self) {
  const options = await person.challenge(viewer, 'REGISTRATION');
  return { name: 'Key', response: createSoftwarePasskey(devicePage()).register(options) };
}
const passkeysOf = (ownerId: string) =>
  database.query<{ id: string }>('SELECT id FROM passkeys WHERE owner_id = $1', [ownerId]);

test('one of two first factors that come at once is the first, and the other needs it', async () => {
  const { id, viewer, username } = await person.arrive();
  const thief = await person.viewerOf(await person.logIn(username));
  const [mine, theirs] = [await newDevice(viewer), await newDevice(thief)];
  const { refusals } = await whileHeld({ database, table: 'passkeys' }, async (waiting) => {
    const both = [passkeys.register(viewer, mine), passkeys.register(thief, theirs)];
    await waiting(2);
    return both;
  });
  expect(refusals).toEqual([expect.any(SecondFactorRequired)]);
  expect(await passkeysOf(id)).toHaveLength(1);
  expect(await person.mailsTo(id)).toEqual(['PASSKEY_ADDED']);
});

test('a factor that comes as the last one goes has recovery codes', async () => {
  const { id, viewer: arrived, tokens } = await person.arrive();
  const { passkeyId } = await person.addPasskey(arrived);
  const viewer = await person.viewerOf(tokens);
  const device = await newDevice(viewer);
  const { refusals } = await whileHeld<unknown>(
    { database, table: 'recovery_codes' },
    async (waiting) => {
      const removal = passkeys.remove(viewer, { passkeyId, idempotencyKey: randomUUID() });
      await waiting(1);
      const registration = passkeys.register(viewer, device);
      // It must not get past the removal; if it does, there is nothing to wait for.
      await Promise.race([registration, waiting(2)]);
      return [removal, registration];
    },
  );
  expect(refusals).toEqual([]);
  const [left, ...others] = await passkeysOf(id);
  expect(others).toEqual([]);
  expect(left?.id).not.toBe(passkeyId);
  expect((await person.overview(viewer)).recoveryCodesLeft).toBe(10);
});
