import { expect, it } from 'vitest';
import { openTestApp } from '../support/app.ts';
import { openGraph } from '../support/graph-call.ts';

const house = await openTestApp();
const graph = openGraph(house);
const ada = await house.addPerson('ada');

const NAMED = ['string', 'number'];

/** The lines that `work` left behind, without their times. */
async function linesOf(work: () => Promise<unknown>) {
  const before = house.log.fields.length;
  await work();
  const lines = house.log.fields.slice(before);
  // Other parts of the program have lines of their own, such as the sealer's.
  const ofOperations = lines.filter((line) => 'operation' in line || 'errorCodes' in line);
  return ofOperations.map(({ durationMs, requestId, ...line }) => {
    // Of a document that is wrong nobody asks who sent it.
    if (durationMs !== undefined) expect([typeof requestId, typeof durationMs]).toEqual(NAMED);
    return line;
  });
}

it('tells of a query who asked, what, and what it cost', async () => {
  const query = 'query Mine { viewer { user { username } } }';
  expect(await linesOf(() => graph.ask(query, { token: ada.token }))).toEqual([
    { userId: ada.id, operation: 'Mine', kind: 'query', field: 'viewer', cost: 3 },
  ]);
});

it('tells the code of a refusal, and of a document that is wrong', async () => {
  const quantity = '{ orders { nodes { id } } }';
  expect(await linesOf(() => graph.ask(quantity))).toMatchObject([
    { userId: null, operation: null, field: 'orders', errorCodes: ['UNAUTHENTICATED'] },
  ]);
  expect(await linesOf(() => graph.ask('{ nothing }'))).toMatchObject([
    { errorCodes: ['BAD_USER_INPUT'], field: 'nothing' },
  ]);
  const tooMuch = '{ models(first: 100) { nodes { log(first: 100) { nodes { id } } } } }';
  expect(await linesOf(() => graph.ask(tooMuch))).toMatchObject([
    { errorCodes: ['QUERY_TOO_COMPLEX'], cost: 20_201 },
  ]);
});

it('never tells what was said: no password, e-mail or token', async () => {
  const secrets = ['an open secret of ada', 'eva@example.com', ada.token];
  const before = house.log.fields.length;
  await graph.ask(
    `mutation { signUp(input: { username: "eva", email: "${secrets[1] ?? ''}",
      password: "${secrets[0] ?? ''}" }) { __typename } }`,
  );
  await graph.ask(
    `mutation LogIn($password: String!) {
      logIn(input: { login: "eva@example.com", password: $password }) { __typename } }`,
    { variables: { password: secrets[0] } },
  );
  await graph.ask('{ viewer { user { email } } }', { token: ada.token });
  await graph.ask('{ viewer { user { email } } }', { token: `${ada.token}x` });
  const told = JSON.stringify([house.log.fields.slice(before), house.log.lines]);
  expect(house.log.fields.length).toBeGreaterThan(before + 2);
  for (const secret of secrets) expect(told).not.toContain(secret);
});
