import type { SessionTokens } from '../../services/accounts/session-tokens.ts';
import type { SignUpReceipt } from '../../services/accounts/users.ts';
import { builder } from '../builder.ts';
import { User, UserStatusEnum } from './user.ts';

export const SignUpSuccess = builder.objectRef<SignUpReceipt>('SignUpSuccess').implement({
  description:
    'The sign-up was taken. It says the same when the e-mail belongs to someone already; then ' +
    'nothing was made.',
  fields: (t) => ({
    username: t.exposeString('username', { description: 'The name to log in with.' }),
    status: t.expose('status', {
      type: UserStatusEnum,
      description: 'ACTIVE: log in now. PENDING: an administrator decides first.',
    }),
  }),
});

const sessionTokens = (name: string, description: string) =>
  builder.objectRef<SessionTokens>(name).implement({
    description,
    fields: (t) => ({
      accessToken: t.exposeString('accessToken', {
        description:
          'Send it as the header `Authorization: Bearer …`, or over a WebSocket as `accessToken` in ' +
          'the connection parameters. Keep it secret.',
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: 'Until when the access token is good.',
      }),
      refreshToken: t.exposeString('refreshToken', {
        description:
          'For `refreshSession`, once the access token has expired. Good for one use; keep it secret.',
      }),
      refreshExpiresAt: t.expose('refreshExpiresAt', {
        type: 'DateTime',
        description:
          'Until when the refresh token is good, and the session if it is not refreshed.',
      }),
      userId: t.globalID({
        description: 'Whose session it is.',
        resolve: ({ userId }) => ({ type: User, id: userId }),
      }),
    }),
  });

export const LogInSuccess = sessionTokens('LogInSuccess', 'A session was opened.');

export const RefreshSessionSuccess = sessionTokens(
  'RefreshSessionSuccess',
  'The session goes on. Both tokens are new.',
);

export const LogOutSuccess = builder
  .objectRef<{ readonly isLoggedOut: true }>('LogOutSuccess')
  .implement({
    description: 'The session is over: its token is void, and its streams end.',
    fields: (t) => ({
      isLoggedOut: t.exposeBoolean('isLoggedOut', { description: 'Always true.' }),
    }),
  });
