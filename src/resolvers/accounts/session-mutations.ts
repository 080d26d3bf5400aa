import { z } from 'zod';
import { builder } from '../../schema/builder.ts';
import {
  LogInSuccess,
  LogOutSuccess,
  RefreshSessionSuccess,
  Session,
  SignUpSuccess,
} from '../../schema/accounts/session.ts';
import { IDEMPOTENCY_KEY, keyText } from '../../schema/inputs.ts';
import {
  InvalidCredentials,
  InvalidRefreshToken,
  UsernameTaken,
  WeakPassword,
} from '../../services/accounts/errors.ts';
import {
  InvalidSecondFactor,
  SecondFactorRequired,
} from '../../services/accounts/factor-errors.ts';
import { IdempotencyConflict } from '../../services/platform/errors.ts';

/** Longer than any name or address, and short enough to cost nothing. */
const text = z.string().max(320);
/** Hashing takes time with the length; nobody types more. */
const passwordText = z.string().max(1_024);
const success = { directResult: true } as const;

builder.mutationFields((t) => ({
  signUp: t.fieldWithInput({
    type: SignUpSuccess,
    description: 'Makes a person who can log in, or who waits for approval.',
    errors: {
      ...success,
      types: [UsernameTaken, WeakPassword],
      union: { description: 'The receipt, or why there is none.' },
    },
    typeOptions: { description: 'Who signs up.' },
    argOptions: { description: 'Who signs up.' },
    input: {
      username: t.input.string({
        description: '3 to 32 letters, digits and underscores, such as `ada_l`.',
        validate: text,
      }),
      email: t.input.string({ description: 'Where mail goes to.', validate: text }),
      password: t.input.string({
        description: 'At least 12 characters, and none that everyone uses.',
        validate: passwordText,
      }),
    },
    resolve: (_root, { input }, { viewer, services }) => services.users.signUp(viewer, input),
  }),
}));

builder.mutationFields((t) => ({
  logIn: t.fieldWithInput({
    type: LogInSuccess,
    description:
      'Opens a session and gives its tokens. A server with AUTH_COOKIES gives pages of its listed origins ' +
      'cookies as well, which no script can read; such a page need not ask for the tokens.',
    errors: {
      ...success,
      types: [InvalidCredentials, SecondFactorRequired, InvalidSecondFactor],
      union: { description: 'The tokens, or why there are none.' },
    },
    typeOptions: { description: 'Who logs in.' },
    argOptions: { description: 'Who logs in.' },
    input: {
      login: t.input.string({ description: 'User name or e-mail, in any case.', validate: text }),
      password: t.input.string({ description: 'The password.', validate: passwordText }),
      code: t.input.string({
        required: false,
        description:
          'For who has a second factor: six digits of the authenticator app, or a recovery code. Who has ' +
          'passkeys alone logs in with `logInWithPasskey`.',
        validate: text,
      }),
    },
    resolve: async (_root, { input }, { viewer, services, cookies }) => {
      const tokens = await services.sessions.logIn(viewer, input);
      cookies.keep(tokens);
      return tokens;
    },
  }),
  refreshSession: t.fieldWithInput({
    type: RefreshSessionSuccess,
    description:
      'Gives a session fresh tokens, and longer to live. Each refresh token is used once: when it comes ' +
      'a second time somebody else may have it, and the session ends. The same again within seconds, ' +
      'from a client that asked twice, gets the same refresh token. Send no access token along that has ' +
      'expired.',
    errors: {
      ...success,
      types: [InvalidRefreshToken],
      union: { description: 'The fresh tokens, or why there are none.' },
    },
    typeOptions: { description: 'Which session goes on.' },
    argOptions: {
      required: false,
      description: 'Which session goes on; that of the cookie, if left out.',
    },
    input: {
      refreshToken: t.input.string({
        description: 'The refresh token that came last.',
        validate: text,
      }),
    },
    resolve: async (_root, { input }, { viewer, services, cookies }) => {
      const refreshToken = input?.refreshToken ?? cookies.refreshToken ?? '';
      try {
        const tokens = await services.sessions.refresh(viewer, { refreshToken });
        cookies.keep(tokens);
        return tokens;
      } catch (error) {
        // A page cannot drop it by itself.
        if (error instanceof InvalidRefreshToken && !input) cookies.drop();
        throw error;
      }
    },
  }),
}));

builder.mutationFields((t) => ({
  logOut: t.fieldWithInput({
    type: LogOutSuccess,
    description:
      'Ends the session of the token that this request carries, or all of yours, and their open streams.',
    errors: {
      ...success,
      types: [],
      union: { description: 'The session is over. There is no way for this to be refused.' },
    },
    typeOptions: { description: 'Which sessions end.' },
    argOptions: {
      required: false,
      description: 'Which sessions end; that of the token if left out.',
    },
    input: {
      everywhere: t.input.boolean({
        required: false,
        description: 'Whether all of your sessions end, on every device.',
      }),
    },
    resolve: async (_root, { input }, { viewer, services, cookies }) => {
      await services.sessions.logOut(viewer, { everywhere: input?.everywhere ?? false });
      cookies.drop();
      return { isLoggedOut: true } as const;
    },
  }),
  endSession: t.fieldWithInput({
    type: Session,
    description: 'Ends a session of yours, such as one on a device that you lost, and its streams.',
    errors: {
      types: [IdempotencyConflict],
      result: { description: 'The session was ended.' },
      union: { description: 'The session was ended, or why it was not.' },
      dataField: { name: 'session', description: 'The session as it is now.' },
    },
    typeOptions: { description: 'Which session ends.' },
    argOptions: { description: 'Which session ends.' },
    input: {
      sessionId: t.input.globalID({ for: Session, description: 'Id of the session.' }),
      idempotencyKey: t.input.string({ description: IDEMPOTENCY_KEY, validate: keyText }),
    },
    resolve: (_root, { input: { sessionId, idempotencyKey } }, { viewer, services }) =>
      services.ownSessions.end(viewer, { sessionId: sessionId.id, idempotencyKey }),
  }),
}));
