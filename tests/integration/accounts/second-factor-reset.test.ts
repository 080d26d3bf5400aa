import { expect, test } from 'vitest';
import { Unauthenticated } from '../../../src/services/platform/errors.ts';
import { refusalOf } from '../../support/books.ts';
import { runProgram } from '../../support/run-program.ts';
import { createFactorPerson } from './factor-person.ts';
import { createHouse } from './house.ts';

const house = await createHouse();
const { database } = house;
const person = createFactorPerson(house);
const reset = (name: string, environment = {}) =>
  runProgram('src/cli.ts', ['admin', 'reset-second-factor', name], {
    ...{ DATABASE_URL: database.ownerUrl, ...environment },
  });

test('who lost every factor is let in again by an operator, in production too', async () => {
  const { id, username, viewer, tokens } = await person.arrive();
  const { app } = await person.addApp(viewer);
  const bystander = await person.arrive();
  const { app: theirs } = await person.addApp(bystander.viewer);
  await database.query(`UPDATE sessions SET expires_at = now() + interval '1 day'`);
  const { code, stdout } = await reset(username.toUpperCase(), {
    ...{ NODE_ENV: 'production', DATABASE_URL: database.ownerUrl },
  });
  expect(code).toBe(0);
  expect(stdout).toBe(
    `${username} has no second factor any more: an authenticator app, 0 passkeys and 1 sessions are gone.\n`,
  );
  const ended = await refusalOf(Promise.resolve(house.sessions.authenticate(tokens.accessToken)));
  expect(ended).toBeInstanceOf(Unauthenticated);
  await person.logIn(username);
  expect(await person.actionsOf(id)).toContain('user.second-factor-reset');
  expect(await person.mailsTo(id)).toEqual(['TOTP_ENABLED', 'RESET']);
  expect((await house.eventsOf(`user:${id}`)).at(-1)).toMatchObject({
    type: 'SessionEnded',
    payload: { reason: 'SECOND_FACTOR_RESET' },
  });
  const left = await database.query('SELECT 1 FROM recovery_codes WHERE owner_id = $1', [id]);
  expect(left).toEqual([]);
  // Nobody else's are touched.
  await person.logIn(bystander.username, theirs.code());
  expect(app.secret).not.toBe(theirs.secret);
}, 60_000);

test('a name that nobody has changes nothing', async () => {
  const before = await house.state();
  const { code, stderr } = await reset('nobody_of_that_name');
  expect(code).toBe(1);
  expect(stderr).toContain('User not found');
  expect(await house.state()).toEqual(before);
}, 60_000);
