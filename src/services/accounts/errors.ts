import { DomainError } from '../platform/errors.ts';
import type { UserStatus } from '../platform/prisma/enums.ts';

/** Someone has this user name, in whatever case. User names are public, so this may be told. */
export class UsernameTaken extends DomainError {
  readonly code = 'USERNAME_TAKEN';
  readonly field = 'username';
  readonly username: string;
  constructor(username: string) {
    super(`The user name "${username}" is taken.`);
    this.username = username;
  }
}

/** An account has this e-mail. Told to operators alone: a sign-up never says it. */
export class EmailTaken extends DomainError {
  readonly code = 'EMAIL_TAKEN';
  readonly field = 'email';
  constructor() {
    super('Another user has this e-mail.');
  }
}

/**
 * No such person, another password, or an account that is not active: the answer is the same, so
 * that nobody learns which.
 */
export class InvalidCredentials extends DomainError {
  readonly code = 'INVALID_CREDENTIALS';
  constructor() {
    super('Invalid credentials or inactive account');
  }
}

/**
 * No such refresh token, or one that was used or ran out, or whose session is over: all the same.
 */
export class InvalidRefreshToken extends DomainError {
  readonly code = 'INVALID_REFRESH_TOKEN';
  constructor() {
    super('The refresh token is not valid any more. Log in again.');
  }
}

/** An administrator's own role and status are for others to change. */
export class OwnAccount extends DomainError {
  readonly code = 'OWN_ACCOUNT';
  constructor() {
    super('Nobody changes their own role or status.');
  }
}

/** The step does not begin where the person stands, such as the approval of one who is active. */
export class UserStateConflict extends DomainError {
  readonly code = 'USER_STATE_CONFLICT';
  readonly status: UserStatus;
  constructor(status: UserStatus) {
    super(`The person is ${status}.`);
    this.status = status;
  }
}

/** There is someone who can make administrators: whoever needs another one asks them. */
export class SuperAdminExists extends DomainError {
  readonly code = 'SUPER_ADMIN_EXISTS';
  constructor(username: string) {
    super(`${username} is SUPER_ADMIN already. To make one more, add --force.`);
  }
}

/** Somebody has to be left who can make administrators. */
export class LastSuperAdmin extends DomainError {
  readonly code = 'LAST_SUPER_ADMIN';
  constructor() {
    super('This is the last active SUPER_ADMIN. Make another one first.');
  }
}

/**
 * No such link, or one that was followed, ran out, or was made void by a newer one: all the same.
 */
export class InvalidLink extends DomainError {
  readonly code = 'INVALID_LINK';
  constructor() {
    super('The link is not valid any more. Ask for another one.');
  }
}

/** The person signed up with an address that is another's. Told to administrators alone. */
export class EmailInUse extends DomainError {
  readonly code = 'EMAIL_IN_USE';
  constructor() {
    super('The e-mail is that of somebody else, until this person confirms it.');
  }
}

export class WeakPassword extends DomainError {
  readonly code = 'WEAK_PASSWORD';
  readonly field = 'password';
}

/** More passwords wait to be checked than this process works off in a moment. */
export class TooBusy extends DomainError {
  readonly code = 'RATE_LIMITED';
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super(`Too many people log in right now. Try again in ${retryAfterSeconds} s.`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A person who has this many keys does not know what they are all for. */
export class ApiKeyLimit extends DomainError {
  readonly code = 'API_KEY_LIMIT';
  readonly limit: number;
  constructor(limit: number) {
    super(`You have ${limit} open API keys, which is the most. Revoke one first.`);
    this.limit = limit;
  }
}

/** A person keeps as many secrets as there may be. */
export class TooManyCredentials extends DomainError {
  readonly code = 'TOO_MANY_CREDENTIALS';
  readonly limit: number;
  constructor(limit: number) {
    super(`You keep ${limit} secrets already. Delete one first.`);
    this.limit = limit;
  }
}

/** What cannot be taken back is done only to the person whose name was typed. */
export class ConfirmationMismatch extends DomainError {
  readonly code = 'CONFIRMATION_MISMATCH';
  readonly field = 'confirmUsername';
  constructor() {
    super('This is not the user name of the person. Nothing was deleted.');
  }
}
