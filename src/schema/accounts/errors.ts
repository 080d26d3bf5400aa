import {
  EmailInUse,
  InvalidLink,
  InvalidCredentials,
  InvalidRefreshToken,
  OwnAccount,
  UsernameTaken,
  UserStateConflict,
  WeakPassword,
} from '../../services/accounts/errors.ts';
import { builder } from '../builder.ts';
import { ErrorInterface } from '../errors.ts';
import { UserStatusEnum } from './user.ts';

builder.objectType(UsernameTaken, {
  name: 'UsernameTakenError',
  description: 'Someone has this user name, in whatever case.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    field: t.exposeString('field', { description: 'The field of the input: `username`.' }),
    username: t.exposeString('username', { description: 'The name that is taken.' }),
  }),
});

builder.objectType(WeakPassword, {
  name: 'WeakPasswordError',
  description: 'The password is too easy to guess. The message says what it lacks.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    field: t.exposeString('field', { description: 'The field of the input: `password`.' }),
  }),
});

builder.objectType(InvalidCredentials, {
  name: 'InvalidCredentialsError',
  description:
    'There is no such person, the password is another, or the account is not active: the answer is ' +
    'the same.',
  interfaces: [ErrorInterface],
});

builder.objectType(InvalidRefreshToken, {
  name: 'InvalidRefreshTokenError',
  description:
    'There is no such refresh token, it was used before, it ran out, or its session is over: the ' +
    'answer is the same. Log in again.',
  interfaces: [ErrorInterface],
});

builder.objectType(OwnAccount, {
  name: 'OwnAccountError',
  description: 'Nobody changes their own role or status, not even an administrator.',
  interfaces: [ErrorInterface],
});

builder.objectType(UserStateConflict, {
  name: 'UserStateConflictError',
  description: 'The step does not begin where the person stands. Nothing was changed.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    status: t.expose('status', {
      type: UserStatusEnum,
      description: 'Where the person stands.',
    }),
  }),
});

builder.objectType(InvalidLink, {
  name: 'InvalidLinkError',
  description:
    'There is no such link, it was followed before, it ran out, or a newer one was mailed: the answer is ' +
    'the same. Ask for another one.',
  interfaces: [ErrorInterface],
});

builder.objectType(EmailInUse, {
  name: 'EmailInUseError',
  description:
    'The person signed up with an address that is another’s, and is not approved unless they confirm it.',
  interfaces: [ErrorInterface],
});
