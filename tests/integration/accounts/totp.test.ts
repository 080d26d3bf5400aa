import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { InvalidCredentials } from '../../../src/services/accounts/errors.ts';
import {
  InvalidSecondFactor,
  SecondFactorRequired,
  TotpAlreadyEnabled,
} from '../../../src/services/accounts/factor-errors.ts';
import {
  Forbidden,
  InvalidInput,
  NotFound,
  Unauthenticated,
} from '../../../src/services/platform/errors.ts';
import { refusalOf } from '../../support/books.ts';
import { createFactorPerson, shown } from './factor-person.ts';
import { createHouse, PASSWORD, visitor } from './house.ts';

const house = await createHouse();
const { clock, database, factors } = house;
const { totpSetup, secondFactors } = factors;
const person = createFactorPerson(house);
const key = () => ({ idempotencyKey: randomUUID() });

describe('an authenticator app', () => {
  test('is a factor after its first code, which counts as shown', async () => {
    const { id, viewer, username } = await person.arrive();
    const { secret, uri } = await totpSetup.enable(viewer, { password: PASSWORD });
    expect(uri).toContain(`otpauth://totp/Tradegraph:${username}?`);
    expect(uri).toContain(`secret=${secret}`);
    const none = { totpEnabledAt: null, recoveryCodesLeft: 0, freshUntil: null };
    expect(await person.overview(viewer)).toEqual(none);
    const { recoveryCodes } = await totpSetup.confirm(viewer, {
      code: person.appOf(secret).code(),
    });
    expect(recoveryCodes).toHaveLength(10);
    const now = clock.now();
    expect(await person.overview(viewer)).toEqual({
      ...{ totpEnabledAt: now, recoveryCodesLeft: 10 },
      // A quarter of an hour.
      freshUntil: new Date(now.getTime() + 900_000),
    });
    expect(await person.actionsOf(id)).toContain('user.totp-enabled');
    expect(await person.mailsTo(id)).toEqual(['TOTP_ENABLED']);
  });

  test('is kept sealed, and nothing that was written down tells it or a recovery code', async () => {
    const { id, viewer } = await person.arrive();
    const { app, recoveryCodes } = await person.addApp(viewer);
    const [row] = await database.query<{ sealed: Buffer; keyId: string }>(
      'SELECT sealed_secret AS sealed, key_id AS "keyId" FROM totp_factors WHERE owner_id = $1',
      [id],
    );
    const bound = { purpose: 'totp', ownerId: id, rowId: id };
    const sealed = { keyId: row?.keyId ?? '', bytes: row?.sealed ?? Buffer.alloc(0) };
    expect(house.sealing.open(sealed, bound)).toBe(app.secret);
    const secrets = [
      app.secret,
      ...recoveryCodes,
      ...recoveryCodes.map((code) => code.replaceAll('-', '')),
    ];
    for (const table of ['totp_factors', 'recovery_codes', 'audit_records', 'mails', 'outbox']) {
      const rows = await database.query<{ text: string }>(`SELECT t::text AS text FROM ${table} t`);
      const text = rows.map((found) => found.text).join('\n');
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    }
  });

  test('is not added by who has an open session alone', async () => {
    const { viewer, id } = await person.arrive();
    expect(await refusalOf(totpSetup.enable(viewer, {}))).toBeInstanceOf(InvalidInput);
    const wrong = totpSetup.enable(viewer, { password: 'wrong horse battery' });
    expect(await refusalOf(wrong)).toBeInstanceOf(InvalidCredentials);
    expect(await person.actionsOf(id)).toContain('user.password-refused');
    const rows = await database.query('SELECT 1 FROM totp_factors WHERE owner_id = $1', [id]);
    expect(rows).toEqual([]);
  });

  test('is not added beside one that works, nor in its place', async () => {
    const { viewer } = await person.arrive();
    await person.addApp(viewer);
    const before = await house.state();
    const stale = await refusalOf(totpSetup.enable(viewer, { password: PASSWORD }));
    expect(stale).toBeInstanceOf(SecondFactorRequired);
    expect(stale).toMatchObject({ methods: ['TOTP', 'RECOVERY_CODE'] });
    const fresh = await refusalOf(totpSetup.enable(shown(viewer, clock.now()), {}));
    expect(fresh).toBeInstanceOf(TotpAlreadyEnabled);
    const again = await refusalOf(
      totpSetup.confirm(shown(viewer, clock.now()), { code: '000000' }),
    );
    expect(again).toBeInstanceOf(TotpAlreadyEnabled);
    expect(await house.state()).toEqual(before);
  });

  test('waits a quarter of an hour for its first code', async () => {
    const { viewer } = await person.arrive();
    const { secret } = await totpSetup.enable(viewer, { password: PASSWORD });
    clock.advance(15 * 60 + 1);
    const late = totpSetup.confirm(viewer, { code: person.appOf(secret).code() });
    expect(await refusalOf(late)).toBeInstanceOf(NotFound);
  });

  test('that a thief of the password began to add does not end up beside its owner’s factor', async () => {
    const { username, viewer } = await person.arrive();
    const thief = await person.viewerOf(await person.logIn(username));
    const { secret } = await totpSetup.enable(thief, { password: PASSWORD });
    await person.addPasskey(viewer);
    const confirmed = totpSetup.confirm(thief, { code: person.appOf(secret).code() });
    expect(await refusalOf(confirmed)).toBeInstanceOf(SecondFactorRequired);
  });

  test('is for people in a session, and for no bot', async () => {
    const { viewer } = await person.arrive();
    const scopes = ['ADMIN'] as const;
    const apiKey = {
      id: randomUUID(),
      environment: 'LIVE',
      scopes,
      requestsPerMinute: null,
    } as const;
    const bot = { ...viewer, sessionId: null, apiKey };
    expect(await refusalOf(totpSetup.enable(bot, { password: PASSWORD }))).toBeInstanceOf(
      Forbidden,
    );
    expect(await refusalOf(secondFactors.confirm(bot, { code: '0' }))).toBeInstanceOf(Forbidden);
    expect(await refusalOf(totpSetup.disable(bot, key()))).toBeInstanceOf(Forbidden);
    const nobody = refusalOf(totpSetup.enable(visitor(), { password: PASSWORD }));
    expect(await nobody).toBeInstanceOf(Unauthenticated);
  });

  test('goes away once, with the recovery codes, and what other sessions had shown', async () => {
    const { id, viewer, username } = await person.arrive();
    const { app } = await person.addApp(viewer);
    const other = await person.viewerOf(await person.logIn(username, app.code()));
    expect(other.secondFactorAt).not.toBeNull();
    expect(await refusalOf(totpSetup.disable(viewer, key()))).toBeInstanceOf(SecondFactorRequired);
    const again = key();
    await totpSetup.disable(shown(viewer, clock.now()), again);
    await totpSetup.disable(shown(viewer, clock.now()), again);
    expect(await person.overview(viewer)).toMatchObject({
      totpEnabledAt: null,
      recoveryCodesLeft: 0,
    });
    expect((await person.overview(other)).freshUntil).toBeNull();
    expect(await person.mailsTo(id)).toEqual(['TOTP_ENABLED', 'TOTP_DISABLED']);
    const events = await house.eventsOf(`user:${id}`);
    expect(events.at(-1)).toMatchObject({
      type: 'SecondFactorsChanged',
      payload: { userId: id, sessionId: viewer.sessionId },
    });
    // Their password alone opens a session again.
    await person.logIn(username);
  });
});

describe('a factor that is shown in a session', () => {
  test('counts for a quarter of an hour, there alone', async () => {
    const { username, viewer, id } = await person.arrive();
    const { app } = await person.addApp(viewer);
    const other = await person.viewerOf(await person.logIn(username, app.code()));
    clock.advance(20 * 60);
    expect((await person.overview(other)).freshUntil).toBeNull();
    const confirmed = await secondFactors.confirm(viewer, { code: app.code() });
    const until = new Date(clock.now().getTime() + 900_000);
    expect(confirmed).toEqual({ method: 'TOTP', freshUntil: until });
    expect((await person.overview(viewer)).freshUntil).toEqual(until);
    expect((await person.overview(other)).freshUntil).toBeNull();
    expect((await person.actionsOf(id)).at(-1)).toBe('user.second-factor-confirmed');
  });

  test('is none of who has none: they are told to set one up', async () => {
    const { viewer } = await person.arrive();
    const before = await house.state();
    const refusal = await refusalOf(secondFactors.confirm(viewer, { code: '000000' }));
    expect(refusal).toBeInstanceOf(SecondFactorRequired);
    expect(refusal).toMatchObject({
      methods: [],
      message: expect.stringContaining('Set up') as string,
    });
    expect(await house.state()).toEqual(before);
  });

  test.each([
    ['nothing', {}],
    ['two things', { code: '000000', passkey: {} }],
  ])('is one thing, not %s', async (_what, given) => {
    const { viewer } = await person.arrive();
    expect(await refusalOf(secondFactors.confirm(viewer, given))).toBeInstanceOf(InvalidInput);
  });

  test('renews the recovery codes, which are shown once', async () => {
    const { viewer, username } = await person.arrive();
    const { recoveryCodes: old } = await person.addApp(viewer);
    const stale = await refusalOf(secondFactors.renewRecoveryCodes(viewer, key()));
    expect(stale).toBeInstanceOf(SecondFactorRequired);
    const fresh = shown(viewer, clock.now());
    const once = key();
    const { recoveryCodes } = await secondFactors.renewRecoveryCodes(fresh, once);
    expect(new Set([...(recoveryCodes ?? []), ...old]).size).toBe(20);
    const again = await secondFactors.renewRecoveryCodes(fresh, once);
    expect(again).toEqual({ recoveryCodes: null });
    expect(await refusalOf(person.logIn(username, old[0]))).toBeInstanceOf(InvalidSecondFactor);
    await person.logIn(username, recoveryCodes?.[0]);
  });

  test('gives no recovery codes to who has no factor any more', async () => {
    const { viewer } = await person.arrive();
    await person.addApp(viewer);
    const fresh = shown(viewer, clock.now());
    await totpSetup.disable(fresh, key());
    const refusal = await refusalOf(secondFactors.renewRecoveryCodes(fresh, key()));
    expect(refusal).toBeInstanceOf(SecondFactorRequired);
  });
});
