import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { InvalidCredentials } from '../../../src/services/accounts/errors.ts';
import {
  InvalidPasskey,
  SecondFactorRequired,
  TooManyPasskeys,
} from '../../../src/services/accounts/factor-errors.ts';
import { NotFound, RateLimited, Unauthenticated } from '../../../src/services/platform/errors.ts';
import { refusalOf } from '../../support/books.ts';
import { createSoftwarePasskey } from '../../support/software-passkey.ts';
import { createFactorPerson, devicePage, shown } from './factor-person.ts';
import { createHouse, PASSWORD, visitor } from './house.ts';

const house = await createHouse();
const { clock, database } = house;
const { passkeys, passkeyLogIn, secondFactors } = house.factors;
const person = createFactorPerson(house);

/** Someone with one passkey. */
async function settle() {
  const arrived = await person.arrive();
  return { ...arrived, ...(await person.addPasskey(arrived.viewer)) };
}
const register = (viewer: Parameters<typeof passkeys.register>[0], response: unknown) =>
  passkeys.register(viewer, { name: 'Key', response });

describe('a passkey', () => {
  test('is registered with the password, counts as shown, and brings recovery codes', async () => {
    const { id, viewer, recoveryCodes } = await settle();
    expect(recoveryCodes).toHaveLength(10);
    expect((await person.overview(viewer)).freshUntil).not.toBeNull();
    const rows = await database.query('SELECT * FROM passkeys WHERE owner_id = $1', [id]);
    expect(rows).toMatchObject([
      { name: 'Phone', counter: '0', transports: ['internal'], is_backed_up: false },
    ]);
    expect(await person.actionsOf(id)).toContain('user.passkey-added');
    expect(await person.mailsTo(id)).toEqual(['PASSKEY_ADDED']);
  });

  test('that is the second needs one that was shown, and brings no codes', async () => {
    const { viewer } = await settle();
    const asked = { purpose: 'REGISTRATION', password: PASSWORD } as const;
    const stale = await refusalOf(passkeys.requestChallenge(viewer, asked));
    expect(stale).toBeInstanceOf(SecondFactorRequired);
    const fresh = shown(viewer, clock.now());
    const device = createSoftwarePasskey(devicePage());
    const made = await register(
      fresh,
      device.register(await person.challenge(fresh, 'REGISTRATION')),
    );
    expect(made.recoveryCodes).toBeNull();
  });

  test.each([
    ['of another page', { origin: 'https://app.example.org' }],
    ['of a page that is not listed', { origin: 'https://other.example.com' }],
    ['of another domain', { rpId: 'app.example.com' }],
    ['of a device that verified nobody', { isVerified: false }],
    ['of a device that nobody touched', { isPresent: false }],
  ])('%s is not registered, and shows nothing', async (_what, lie) => {
    const { viewer, id } = await person.arrive();
    const device = createSoftwarePasskey(devicePage());
    Object.assign(device.device, lie);
    const answer = device.register(await person.challenge(viewer, 'REGISTRATION'));
    expect(await refusalOf(register(viewer, answer))).toBeInstanceOf(InvalidPasskey);
    expect(await database.query('SELECT 1 FROM passkeys WHERE owner_id = $1', [id])).toEqual([]);

    const settled = await settle();
    const { origin, rpId } = devicePage();
    Object.assign(settled.passkey.device, { origin, rpId }, lie);
    const options = await person.challenge(settled.viewer, 'CONFIRMATION');
    const confirmed = secondFactors.confirm(settled.viewer, {
      passkey: settled.passkey.assert(options),
    });
    expect(await refusalOf(confirmed)).toBeInstanceOf(InvalidPasskey);
    const login = settled.passkey.assert(await person.challenge(visitor(), 'LOG_IN'));
    const entered = passkeyLogIn.logIn(visitor(), { response: login });
    expect(await refusalOf(entered)).toBeInstanceOf(InvalidCredentials);
  });

  test('that somebody has already is not registered again, and its owner keeps it', async () => {
    const { id, passkey } = await settle();
    const thief = await person.arrive();
    const answer = passkey.register(await person.challenge(thief.viewer, 'REGISTRATION'));
    expect(await refusalOf(register(thief.viewer, answer))).toBeInstanceOf(InvalidPasskey);
    const rows = await database.query('SELECT owner_id FROM passkeys WHERE credential_id = $1', [
      passkey.device.credentialId,
    ]);
    expect(rows).toEqual([{ owner_id: id }]);
  });

  test('is one of twenty at most', async () => {
    const { id, viewer } = await settle();
    await database.query(
      `INSERT INTO passkeys (id, owner_id, credential_id, public_key, counter, transports, is_backed_up,
         name, created_at)
       SELECT gen_random_uuid(), $1, gen_random_uuid()::text::bytea, 'key', 0, '{}', false, 'x', now()
       FROM generate_series(1, 19)`,
      [id],
    );
    const asked = { purpose: 'REGISTRATION' } as const;
    const refusal = await refusalOf(passkeys.requestChallenge(shown(viewer, clock.now()), asked));
    expect(refusal).toBeInstanceOf(TooManyPasskeys);
  });

  test('is removed once, with the recovery codes, by who showed a factor', async () => {
    const { id, viewer, passkey, passkeyId } = await settle();
    const command = { passkeyId, idempotencyKey: randomUUID() };
    const stale = await refusalOf(passkeys.remove(viewer, command));
    expect(stale).toBeInstanceOf(SecondFactorRequired);
    const stranger = await settle();
    const foreign = passkeys.remove(shown(stranger.viewer, clock.now()), command);
    expect(await refusalOf(foreign)).toBeInstanceOf(NotFound);
    const fresh = shown(viewer, clock.now());
    await passkeys.remove(fresh, command);
    await passkeys.remove(fresh, command);
    expect(await person.overview(viewer)).toMatchObject({ recoveryCodesLeft: 0 });
    expect(await person.mailsTo(id)).toEqual(['PASSKEY_ADDED', 'PASSKEY_REMOVED']);
    const login = passkey.assert(await person.challenge(visitor(), 'LOG_IN'));
    const entered = passkeyLogIn.logIn(visitor(), { response: login });
    expect(await refusalOf(entered)).toBeInstanceOf(InvalidCredentials);
  });
});

describe('a passkey that is shown in a session', () => {
  test('counts for a quarter of an hour', async () => {
    const { viewer, passkey } = await settle();
    clock.advance(3_600);
    const options = await person.challenge(viewer, 'CONFIRMATION');
    const answer = passkey.assert(options);
    const until = new Date(clock.now().getTime() + 900_000);
    const confirmed = await secondFactors.confirm(viewer, { passkey: answer });
    expect(confirmed).toEqual({ method: 'PASSKEY', freshUntil: until });
    expect((await person.overview(viewer)).freshUntil).toEqual(until);
  });

  test('signs for one use, within five minutes, for its purpose and its person', async () => {
    const { viewer, passkey } = await settle();
    const other = await settle();
    const confirm = (answer: unknown) =>
      refusalOf(secondFactors.confirm(viewer, { passkey: answer }));
    const used = passkey.assert(await person.challenge(viewer, 'CONFIRMATION'));
    await secondFactors.confirm(viewer, { passkey: used });
    expect(await confirm(used)).toBeInstanceOf(InvalidPasskey);
    const late = passkey.assert(await person.challenge(viewer, 'CONFIRMATION'));
    clock.advance(300);
    expect(await confirm(late)).toBeInstanceOf(InvalidPasskey);
    const forLogIn = passkey.assert(await person.challenge(visitor(), 'LOG_IN'));
    expect(await confirm(forLogIn)).toBeInstanceOf(InvalidPasskey);
    const ofAnother = passkey.assert(await person.challenge(other.viewer, 'CONFIRMATION'));
    expect(await confirm(ofAnother)).toBeInstanceOf(InvalidPasskey);
    const made = passkey.assert({ challenge: Buffer.alloc(32).toString('base64url') });
    expect(await confirm(made)).toBeInstanceOf(InvalidPasskey);
    const foreign = other.passkey.assert(await person.challenge(viewer, 'CONFIRMATION'));
    expect(await confirm(foreign)).toBeInstanceOf(InvalidPasskey);
  });

  test('lets one of five through that come at once with one answer', async () => {
    const { viewer, passkey } = await settle();
    const answer = passkey.assert(await person.challenge(viewer, 'CONFIRMATION'));
    const tries = Array.from({ length: 5 }, () =>
      secondFactors.confirm(viewer, { passkey: answer }),
    );
    const settled = await Promise.allSettled(tries);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('is refused when its counter went back or stood still: there are two of it', async () => {
    const { id, viewer, passkey } = await settle();
    const sign = async (counter: number) => {
      // The device adds one as it signs.
      passkey.device.counter = counter - 1;
      const answer = passkey.assert(await person.challenge(viewer, 'CONFIRMATION'));
      return secondFactors.confirm(viewer, { passkey: answer });
    };
    await sign(7);
    for (const counter of [7, 3])
      expect(await refusalOf(sign(counter))).toBeInstanceOf(InvalidPasskey);
    // A copy that does not count at all is no better.
    expect(await refusalOf(sign(0))).toBeInstanceOf(InvalidPasskey);
    expect((await person.actionsOf(id)).at(-1)).toBe('user.second-factor-refused');
    await sign(8);
  });

  test('is asked of who has one alone', async () => {
    const { viewer } = await person.arrive();
    const none = await refusalOf(passkeys.requestChallenge(viewer, { purpose: 'CONFIRMATION' }));
    expect(none).toMatchObject({ code: 'SECOND_FACTOR_REQUIRED', methods: [] });
    const nobody = await refusalOf(
      passkeys.requestChallenge(visitor(), { purpose: 'CONFIRMATION' }),
    );
    expect(nobody).toBeInstanceOf(Unauthenticated);
  });

  test.each([
    ...[null, 'text', 7, [], {}, { id: 'x', rawId: 'x', type: 'public-key', response: {} }],
    { id: 'eA', rawId: 'eA', type: 'public-key', response: { clientDataJSON: 'bm8' } },
  ])('is no %j', async (answer) => {
    const { viewer } = await settle();
    const before = await database.query('SELECT second_factor_at FROM sessions ORDER BY id');
    const refusal = await refusalOf(secondFactors.confirm(viewer, { passkey: answer }));
    // Nothing at all is no answer; see the test of "one thing" beside the codes.
    expect(['INVALID_PASSKEY', 'BAD_USER_INPUT']).toContain((refusal as InvalidPasskey).code);
    const after = await database.query('SELECT second_factor_at FROM sessions ORDER BY id');
    expect(after).toEqual(before);
  });
});

describe('a log-in with a passkey', () => {
  test('opens a session that has shown it, without a name or password', async () => {
    const { id, passkey } = await settle();
    const options = await person.challenge(visitor(), 'LOG_IN');
    // Whoever asks is told of nobody's passkeys.
    expect(JSON.stringify(options)).not.toContain('allowCredentials');
    const tokens = await passkeyLogIn.logIn(visitor(), { response: passkey.assert(options) });
    const viewer = await person.viewerOf(tokens);
    expect(viewer).toMatchObject({ userId: id, role: 'USER', secondFactorAt: clock.now() });
  });

  test('is what a password leads to, for who has passkeys alone', async () => {
    const { username } = await settle();
    const refusal = await refusalOf(person.logIn(username));
    expect(refusal).toMatchObject({ methods: ['PASSKEY', 'RECOVERY_CODE'] });
  });

  test.each([
    ['someone who is disabled', `UPDATE users SET status = 'DISABLED' WHERE id = $1`, {}],
    ['a handle of somebody else', '', { userHandle: Buffer.alloc(16).toString('base64url') }],
    ['no handle', '', { userHandle: undefined }],
  ])('of %s gets the answer of a wrong password', async (_what, sql, lie) => {
    const { id, passkey } = await settle();
    if (sql) await database.query(sql, [id]);
    Object.assign(passkey.device, lie);
    const before = await database.query('SELECT id FROM sessions ORDER BY id');
    const answer = passkey.assert(await person.challenge(visitor(), 'LOG_IN'));
    const refusal = await refusalOf(passkeyLogIn.logIn(visitor(), { response: answer }));
    expect(refusal).toBeInstanceOf(InvalidCredentials);
    expect(await database.query('SELECT id FROM sessions ORDER BY id')).toEqual(before);
    expect((await person.actionsOf(id)).at(-1)).toBe('user.log-in-refused');
  });

  test('opens one session of five that come at once with one answer', async () => {
    const { passkey } = await settle();
    const response = passkey.assert(await person.challenge(visitor(), 'LOG_IN'));
    const tries = Array.from({ length: 5 }, () => passkeyLogIn.logIn(visitor(), { response }));
    const settled = await Promise.allSettled(tries);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('is signed by the key that was registered', async () => {
    const { passkey } = await settle();
    const forger = createSoftwarePasskey(devicePage());
    const options = await person.challenge(visitor(), 'LOG_IN');
    const mine = passkey.assert(options) as { response: object };
    const theirs = forger.assert(options) as { response: object };
    const response = { ...mine, response: { ...mine.response, signature: signatureOf(theirs) } };
    const refusal = await refusalOf(passkeyLogIn.logIn(visitor(), { response }));
    expect(refusal).toBeInstanceOf(InvalidCredentials);
  });

  test('leaves no challenges behind, and cannot be asked for without end', async () => {
    clock.advance(3_600);
    const counted = () => database.query('SELECT 1 FROM passkey_challenges');
    await person.challenge(visitor(), 'LOG_IN');
    const left = (await counted()).length;
    clock.advance(301);
    await person.challenge(visitor(), 'LOG_IN');
    expect((await counted()).length).toBeLessThanOrEqual(left);
    const elsewhere = { ...visitor(), address: '198.51.100.9' };
    const asked = { purpose: 'LOG_IN' } as const;
    for (let at = 0; at < 60; at += 1) await passkeys.requestChallenge({ ...elsewhere }, asked);
    const limited = await refusalOf(passkeys.requestChallenge({ ...elsewhere }, asked));
    expect(limited).toBeInstanceOf(RateLimited);
  });
});

const signatureOf = ({ response }: { response: object }) =>
  (response as { signature: string }).signature;
