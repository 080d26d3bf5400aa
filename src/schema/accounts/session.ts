import type { SessionTokens } from '../../services/accounts/session-tokens.ts';
import type { SignUpReceipt } from '../../services/accounts/sign-up.ts';
import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';
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

export const Session = builder.prismaNode('Session', {
  nullable: true,
  description: 'A log-in on one device, and all that was refreshed since.',
  id: { field: 'id' },
  fields: (t) => ({
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'What the device said of itself at the log-in. Null when it said nothing.',
    }),
    address: t.exposeString('address', {
      nullable: true,
      description: 'Address that the log-in came from. Null when it is not known.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was opened.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      description: 'When it was opened or refreshed last. Requests in between do not count.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When it ends, unless it is refreshed before.',
    }),
    endedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was ended before its time. Null when it was not.',
    }),
    isCurrent: t.boolean({
      description: 'Whether this request comes with its token.',
      resolve: ({ id }, _args, { viewer }) => id === viewer.sessionId,
    }),
  }),
});

export const SessionConnection = connectionOf(Session, { name: 'Session', entries: 'sessions' });

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
    description: 'The session is over: its tokens are void, and its streams end.',
    fields: (t) => ({
      isLoggedOut: t.exposeBoolean('isLoggedOut', { description: 'Always true.' }),
    }),
  });
