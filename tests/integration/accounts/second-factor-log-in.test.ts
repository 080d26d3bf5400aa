import { describe, expect, test } from 'vitest';
import { InvalidCredentials } from '../../../src/services/accounts/errors.ts';
import {
  InvalidSecondFactor,
  SecondFactorRequired,
} from '../../../src/services/accounts/factor-errors.ts';
import { RateLimited } from '../../../src/services/platform/errors.ts';
import { refusalOf } from '../../support/books.ts';
import { createFactorPerson } from './factor-person.ts';
import { createHouse, visitor } from './house.ts';

const house = await createHouse();
const { clock, database, factors } = house;
const { secondFactors } = factors;
const person = createFactorPerson(house);

describe('a log-in of who has a factor', () => {
  test('with the password alone opens nothing, and tells what to show', async () => {
    const { username, viewer, id } = await person.arrive();
    await person.addApp(viewer);
    const before = await database.query('SELECT id FROM sessions');
    const refusal = await refusalOf(person.logIn(username));
    expect(refusal).toBeInstanceOf(SecondFactorRequired);
    expect(refusal).toMatchObject({ methods: ['TOTP', 'RECOVERY_CODE'] });
    for (const blank of ['', '  ']) {
      expect(await refusalOf(person.logIn(username, blank))).toBeInstanceOf(SecondFactorRequired);
    }
    expect(await database.query('SELECT id FROM sessions')).toEqual(before);
    expect((await person.actionsOf(id)).at(-1)).toBe('user.second-factor-asked');
  });

  test('with a code opens a session that has shown it, which a refresh keeps', async () => {
    const { username, viewer } = await person.arrive();
    const { app } = await person.addApp(viewer);
    const tokens = await person.logIn(
      username,
      ` ${app.code().slice(0, 3)} ${app.code().slice(3)}`,
    );
    const at = clock.now();
    expect((await person.viewerOf(tokens)).secondFactorAt).toEqual(at);
    clock.advance(60);
    const { refreshToken } = tokens;
    const refreshed = await house.sessions.refresh(visitor(), { refreshToken });
    expect((await person.viewerOf(refreshed)).secondFactorAt).toEqual(at);
    // It says nothing of another session.
    expect((await person.overview(viewer)).freshUntil).not.toEqual(
      new Date(at.getTime() + 900_000),
    );
  });

  test('tells nothing of it with a wrong password, whatever code comes along', async () => {
    const { username, viewer } = await person.arrive();
    const { app } = await person.addApp(viewer);
    const { username: without } = await person.arrive();
    const answers: { name: string; message: string }[] = [];
    for (const [who, code] of [
      [username, app.code()],
      [username, '000000'],
      [username, undefined],
      [without, '000000'],
      ['nobody', '000000'],
    ] as const) {
      const refusal = await refusalOf(person.logIn(who, code, 'wrong horse battery'));
      const { name, message } = refusal as Error;
      answers.push({ name, message });
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]?.name).toBe('InvalidCredentials');
    // The code that came along was not used up.
    await person.logIn(username, app.code());
  });

  test('takes no code a second time, and none before it', async () => {
    const { username, viewer } = await person.arrive();
    const { app } = await person.addApp(viewer);
    await person.logIn(username, app.code());
    const again = await refusalOf(person.logIn(username, app.code()));
    expect(again).toBeInstanceOf(InvalidSecondFactor);
    // A minute ahead is more than the half that a clock may differ; the step before was not used, and is old.
    expect(await refusalOf(person.logIn(username, app.code(2)))).toBeInstanceOf(
      InvalidSecondFactor,
    );
    expect(await refusalOf(person.logIn(username, app.code(-1)))).toBeInstanceOf(
      InvalidSecondFactor,
    );
    await person.logIn(username, app.code(1));
  });

  test('takes the code with which the app was confirmed no second time', async () => {
    const { username, viewer } = await person.arrive();
    const { app } = await person.addApp(viewer);
    expect(await refusalOf(person.logIn(username, app.code(-1)))).toBeInstanceOf(
      InvalidSecondFactor,
    );
  });

  test('lets one in of five who bring the same code at once', async () => {
    const { username, viewer } = await person.arrive();
    const { app, recoveryCodes } = await person.addApp(viewer);
    for (const code of [app.code(), recoveryCodes[0] ?? '']) {
      const tries = Array.from({ length: 5 }, () => person.logIn(username, code));
      const settled = await Promise.allSettled(tries);
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });

  test('takes each recovery code once, tells by mail, and knows how many are left', async () => {
    const { id, username, viewer } = await person.arrive();
    const { recoveryCodes } = await person.addApp(viewer);
    const code = recoveryCodes[3]?.toUpperCase().replaceAll('-', ' ') ?? '';
    await person.logIn(username, code);
    expect(await refusalOf(person.logIn(username, code))).toBeInstanceOf(InvalidSecondFactor);
    expect((await person.overview(viewer)).recoveryCodesLeft).toBe(9);
    expect(await person.mailsTo(id)).toEqual(['TOTP_ENABLED', 'RECOVERY_CODE_USED']);
  });

  test('takes no code of another person', async () => {
    const [one, two] = [await person.arrive(), await person.arrive()];
    const { app, recoveryCodes } = await person.addApp(one.viewer);
    await person.addApp(two.viewer);
    for (const code of [app.code(), recoveryCodes[0]]) {
      const refusal = await refusalOf(person.logIn(two.username, code));
      expect(refusal).toBeInstanceOf(InvalidSecondFactor);
    }
    await person.logIn(one.username, recoveryCodes[0]);
  });

  test('refuses after ten wrong codes, the right one too, for a quarter of an hour', async () => {
    const { id, username, viewer } = await person.arrive();
    const { recoveryCodes } = await person.addApp(viewer);
    for (let tries = 0; tries < 10; tries += 1) {
      const wrong = await refusalOf(person.logIn(username, 'not a code'));
      expect(wrong).toBeInstanceOf(InvalidSecondFactor);
    }
    const limited = await refusalOf(person.logIn(username, recoveryCodes[0]));
    expect(limited).toBeInstanceOf(RateLimited);
    // Of the quarter of an hour, less what the tries took.
    expect((limited as RateLimited).retryAfterSeconds).toBeGreaterThan(840);
    // In a session as well: it is the same person who is guessed at.
    const confirmed = await refusalOf(secondFactors.confirm(viewer, { code: '000000' }));
    expect(confirmed).toBeInstanceOf(RateLimited);
    const refused = (await person.actionsOf(id)).filter((action) =>
      action.includes('factor-refused'),
    );
    expect(refused).toHaveLength(10);
    // Whoever has no password tells nothing of it.
    const stranger = await refusalOf(person.logIn(username, '000000', 'wrong horse battery'));
    expect(stranger).toBeInstanceOf(InvalidCredentials);
  });
});
