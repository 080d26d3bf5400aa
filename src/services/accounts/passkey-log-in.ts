import type { WebAuthnConfig } from '../platform/config/config.ts';
import { anonymousViewer, userViewer, type Viewer } from '../platform/viewer.ts';
import { enter } from './enter.ts';
import { InvalidCredentials } from './errors.ts';
import type { LogInPorts } from './log-in.ts';
import { readAssertion, verifyAssertion, type Answer, type Assertion } from './passkey-answers.ts';
import { takeChallenge } from './passkey-challenges.ts';
import { handleOf } from './passkey-options.ts';
import { findPasskey, usePasskey, type FoundPasskey } from './passkey-rows.ts';
import type { SessionTokens } from './session-tokens.ts';
import { requireWebAuthn } from './web-authn.ts';

export interface PasskeyLogInPorts
  extends
    Pick<LogInPorts, 'db' | 'entryLimits' | 'clock' | 'ids' | 'audit' | 'tokens'>,
    Pick<LogInPorts, 'randomBytes' | 'lifetimes'> {
  readonly webAuthn: WebAuthnConfig | undefined;
}

/** A passkey of an active person that signed what it was asked to. */
interface Signed {
  readonly passkey: FoundPasskey;
  readonly counter: bigint;
  readonly isBackedUp: boolean;
}

export type PasskeyLogIn = ReturnType<typeof createPasskeyLogIn>;

export function createPasskeyLogIn(ports: PasskeyLogInPorts) {
  const { db, clock, audit, entryLimits } = ports;

  /** Uses up the challenge, whatever comes of it. */
  const find = (viewer: Viewer, { answer, challenge }: Answer<Assertion>) =>
    db.withViewer(
      anonymousViewer(viewer.address ? { address: viewer.address } : {}),
      async (tx) => {
        const isAsked = await takeChallenge(ports, tx, { challenge, purpose: 'LOG_IN' });
        return { isAsked, passkey: await findPasskey(tx, answer.id) };
      },
    );

  const check = async (
    webAuthn: WebAuthnConfig,
    { read, passkey }: { readonly read: Answer<Assertion>; readonly passkey: FoundPasskey },
  ): Promise<Signed | undefined> => {
    // The device says whose passkey it is, and has signed with none of anybody else's.
    const handle = Buffer.from(read.answer.response.userHandle ?? '', 'base64url');
    if (!handle.equals(handleOf(passkey.userId)) || passkey.status !== 'ACTIVE') return undefined;
    const { publicKey } = passkey;
    const signed = await verifyAssertion(read, { ...webAuthn, publicKey });
    return signed && { passkey, ...signed };
  };

  const admit = (viewer: Viewer, { passkey, ...signed }: Signed) => {
    const { requestId, address, userAgent } = viewer;
    const { id, userId, role, tokenVersion } = passkey;
    const self = userViewer({ userId, role }, { requestId, address, userAgent });
    return db.withViewer(self, async (tx) => {
      const use = { ...signed, id, ownerId: userId, now: clock.now() };
      if (!(await usePasskey(tx, use))) return undefined;
      return enter(ports, { tx, self, tokenVersion, secondFactor: 'PASSKEY' });
    });
  };

  return {
    /**
     * Opens a session for the active person of a passkey that signed a challenge: it stands for
     * password and second factor, since its device verified who holds it. Everyone else gets
     * InvalidCredentials. Throws RateLimited when one address tries too often, and Forbidden on a
     * server without passkeys.
     */
    async logIn(
      viewer: Viewer,
      { response }: { readonly response: unknown },
    ): Promise<SessionTokens> {
      const webAuthn = requireWebAuthn(ports.webAuthn);
      const read = readAssertion(response);
      const key = `passkey:${read?.answer.id ?? ''}`;
      await entryLimits.beforeLogIn(viewer, key);
      const { isAsked, passkey } = read
        ? await find(viewer, read)
        : { isAsked: false, passkey: undefined };
      const signed =
        read && isAsked && passkey ? await check(webAuthn, { read, passkey }) : undefined;
      const entered = signed && (await admit(viewer, signed));
      if (entered) {
        await entryLimits.afterRightPassword(key);
        await entryLimits.afterLogIn(viewer);
        return entered;
      }
      await db.withViewer(viewer, (tx) =>
        audit.record(tx, viewer, {
          action: 'user.log-in-refused',
          ...{ targetType: 'User', targetId: passkey?.userId ?? null },
          after: { method: 'PASSKEY' },
        }),
      );
      throw new InvalidCredentials();
    },
  };
}
