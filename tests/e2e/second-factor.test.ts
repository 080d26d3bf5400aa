import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFreePort } from '../../src/services/platform/embedded/free-port.ts';
import { openChromium } from '../support/chromium.ts';
import { launchProgram, makeDataFolder } from '../support/running-program.ts';

const RESULT = '{ __typename ... on Error { code message }';
const CHALLENGE = `mutation ($purpose: PasskeyPurpose!, $password: String) {
  requestPasskeyChallenge(input: { purpose: $purpose, password: $password }) ${RESULT}
    ... on RequestPasskeyChallengeSuccess { options } } }`;
const REGISTER = `mutation ($response: JSON!) {
  registerPasskey(input: { name: "Virtual", response: $response }) ${RESULT}
    ... on RegisterPasskeySuccess { passkey { id name } recoveryCodes } } }`;
const CONFIRM = `mutation ($response: JSON!) {
  confirmSecondFactor(input: { passkey: $response }) ${RESULT}
    ... on ConfirmSecondFactorSuccess { method freshUntil } } }`;
const LOG_IN = `mutation ($response: JSON!) {
  logInWithPasskey(input: { response: $response }) ${RESULT}
    ... on LogInSuccess { accessToken } } }`;
const FACTORS = `{ viewer { user { username }
  secondFactors { isFresh recoveryCodesLeft passkeys { nodes { name lastUsedAt } } } } }`;

const { browser, context } = await openChromium();
afterAll(() => browser.close());
const { folder, remove } = await makeDataFolder();
afterAll(remove);
const port = String(await findFreePort());
const program = await launchProgram({ dataDirectory: folder, environment: { PORT: port } });
afterAll(() => program.stop());

let page: Page;
let devices: CDPSession;
let token = program.demo?.accessToken;

beforeAll(async () => {
  page = await context.newPage();
  // GraphiQL's page is one of the server's own, which may use passkeys of this machine.
  await page.goto(`http://localhost:${port}/graphql`);
  devices = await context.newCDPSession(page);
  await devices.send('WebAuthn.enable');
  await devices.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
});

/** Asks the server from within the page, as a frontend does. */
async function ask<Data>(query: string, variables: object = {}): Promise<Data> {
  const given = { query, variables, token };
  const answer = await page.evaluate(async ({ token: bearer, ...body }) => {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (bearer !== undefined) headers['authorization'] = `Bearer ${bearer}`;
    const response = await fetch('/graphql', {
      ...{ method: 'POST', headers, body: JSON.stringify(body) },
    });
    return (await response.json()) as { data?: unknown; errors?: unknown };
  }, given);
  expect(answer.errors).toBeUndefined();
  return answer.data as Data;
}

/** Has the browser make a passkey, or sign with one, and gives its answer as JSON. */
async function answerTo(purpose: 'REGISTRATION' | 'CONFIRMATION' | 'LOG_IN'): Promise<object> {
  const password = program.demo?.passwords['trader'];
  const { requestPasskeyChallenge: asked } = await ask<{
    requestPasskeyChallenge: { options?: object; code?: string };
  }>(CHALLENGE, { purpose, password });
  expect(asked).toMatchObject({ __typename: 'RequestPasskeyChallengeSuccess' });
  return page.evaluate(
    async ({ options, isNew }) => {
      const credential = isNew
        ? await navigator.credentials.create({
            publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options as never),
          })
        : await navigator.credentials.get({
            publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options as never),
          });
      return (credential as PublicKeyCredential).toJSON();
    },
    { options: asked.options ?? {}, isNew: purpose === 'REGISTRATION' },
  );
}

describe('a passkey of a real browser', () => {
  it('is registered, with recovery codes', async () => {
    const response = await answerTo('REGISTRATION');
    const { registerPasskey: made } = await ask<{
      registerPasskey: { recoveryCodes?: string[] };
    }>(REGISTER, { response });
    expect(made).toMatchObject({
      __typename: 'RegisterPasskeySuccess',
      passkey: { name: 'Virtual' },
    });
    expect(made.recoveryCodes).toHaveLength(10);
  });

  it('is shown in the session', async () => {
    const response = await answerTo('CONFIRMATION');
    const answer = await ask(CONFIRM, { response });
    expect(answer).toMatchObject({ confirmSecondFactor: { method: 'PASSKEY' } });
    const again = await ask(CONFIRM, { response });
    expect(again).toMatchObject({ confirmSecondFactor: { code: 'INVALID_PASSKEY' } });
  });

  it('logs in alone, where nobody is known', async () => {
    token = undefined;
    const response = await answerTo('LOG_IN');
    const { logInWithPasskey: entered } = await ask<{
      logInWithPasskey: { accessToken?: string };
    }>(LOG_IN, { response });
    expect(entered).toMatchObject({ __typename: 'LogInSuccess' });
    token = entered.accessToken;
    expect(await ask(FACTORS)).toMatchObject({
      viewer: {
        user: { username: 'trader' },
        secondFactors: {
          ...{ isFresh: true, recoveryCodesLeft: 10 },
          passkeys: { nodes: [{ name: 'Virtual', lastUsedAt: expect.any(String) as string }] },
        },
      },
    });
  });
});
