import { randomUUID } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { SecondFactorsOverview } from '../../../src/services/accounts/second-factors.ts';
import type { AuthenticatedViewer } from '../../../src/services/platform/viewer.ts';
import { createSoftwarePasskey } from '../../support/software-passkey.ts';
import { PASSWORD, visitor, WEB_AUTHN, type createHouse } from './house.ts';

type House = Awaited<ReturnType<typeof createHouse>>;

/** An authenticator app: it knows a secret, and the time. */
export interface AuthenticatorApp {
  readonly secret: string;
  /** The code of this moment, or of so many steps of 30 seconds later. */
  code(steps?: number): string;
}

/** Someone who is logged in, and what they do with second factors. */
export function createFactorPerson(house: House) {
  const { sessions, factors, clock, database } = house;
  const logIn = (username: string, code?: string, password = PASSWORD) =>
    sessions.logIn(visitor(), { login: username, password, code });
  /** A fresh viewer, as the next request of the session has it. */
  const viewerOf = async ({ accessToken }: { accessToken: string }) =>
    (await sessions.authenticate(accessToken, { requestId: 'request-2', address: '192.0.2.8' }))
      .viewer;
  const appOf = (secret: string): AuthenticatorApp => ({
    secret,
    code: (steps = 0) =>
      new TOTP({ secret: Secret.fromBase32(secret) }).generate({
        timestamp: clock.now().getTime() + steps * 30_000,
      }),
  });

  return {
    logIn,
    viewerOf,
    appOf,
    /** Signs someone up and in. */
    async arrive() {
      const username = `p${randomUUID().slice(0, 8)}`;
      await house.signUp(username);
      const tokens = await logIn(username);
      const viewer = await viewerOf(tokens);
      return { username, id: viewer.userId, viewer, tokens };
    },
    /** Gives someone without a factor an authenticator app. */
    async addApp(viewer: AuthenticatedViewer) {
      const { secret } = await factors.totpSetup.enable(viewer, { password: PASSWORD });
      const app = appOf(secret);
      const { recoveryCodes } = await factors.totpSetup.confirm(viewer, { code: app.code() });
      // The next code is another one.
      clock.advance(30);
      return { app, recoveryCodes: recoveryCodes ?? [] };
    },
    /** Gives someone without a factor a passkey. */
    async addPasskey(viewer: AuthenticatedViewer, name = 'Phone') {
      const passkey = createSoftwarePasskey(devicePage());
      const { options } = await factors.passkeys.requestChallenge(viewer, {
        ...{ purpose: 'REGISTRATION', password: PASSWORD },
      });
      const made = await factors.passkeys.register(viewer, {
        ...{ name, response: passkey.register(options) },
      });
      return { passkey, passkeyId: made.passkey.id, recoveryCodes: made.recoveryCodes ?? [] };
    },
    async challenge(viewer: AuthenticatedViewer | ReturnType<typeof visitor>, purpose: Purpose) {
      const { options } = await factors.passkeys.requestChallenge(viewer, {
        ...{ purpose, password: PASSWORD },
      });
      return options;
    },
    overview: (viewer: AuthenticatedViewer): Promise<SecondFactorsOverview> =>
      factors.secondFactors.overview({ ...viewer }),
    /** What was written down of a person since they were looked at last. */
    async actionsOf(id: string) {
      const rows = await database.query<{ action: string }>(
        'SELECT action FROM audit_records WHERE target_id = $1 OR actor_id = $2 ORDER BY id',
        [id, id],
      );
      return rows.map(({ action }) => action);
    },
    async mailsTo(id: string) {
      const rows = await database.query<{ change: string }>(
        `SELECT data->>'change' AS change FROM mails
         WHERE owner_id = $1 AND template = 'second-factor-changed' ORDER BY id`,
        [id],
      );
      return rows.map(({ change }) => change);
    },
  };
}

type Purpose = 'REGISTRATION' | 'CONFIRMATION' | 'LOG_IN';

/** One of our pages, on a device of the person. */
export const devicePage = () => ({ origin: WEB_AUTHN.origins[0] ?? '', rpId: WEB_AUTHN.rpId });

/** The same person, in their next request, when they have shown a factor. */
export const shown = (viewer: AuthenticatedViewer, secondFactorAt: Date): AuthenticatedViewer => ({
  ...viewer,
  secondFactorAt,
});
