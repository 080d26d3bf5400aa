import { DomainError } from '../platform/errors.ts';
import type { SecondFactorMethod } from './second-factor.ts';

/** What was asked for needs a factor that was shown just now, beside the password. */
export class SecondFactorRequired extends DomainError {
  readonly code = 'SECOND_FACTOR_REQUIRED';
  /** What the person can show; undefined where only a look at their factors can tell. */
  readonly methods: readonly SecondFactorMethod[] | undefined;
  constructor(methods?: readonly SecondFactorMethod[]) {
    super(
      methods?.length === 0
        ? 'Set up a second factor first: an authenticator app or a passkey.'
        : 'This needs your second factor as well.',
    );
    this.methods = methods;
  }
}

/** No such code, or one that was used: the answer is the same. */
export class InvalidSecondFactor extends DomainError {
  readonly code = 'INVALID_SECOND_FACTOR';
  constructor() {
    super('This is not the second factor, or it was used before. Wait for the next code.');
  }
}

/** What a device answered is not what was asked of it. */
export class InvalidPasskey extends DomainError {
  readonly code = 'INVALID_PASSKEY';
  constructor() {
    super('The passkey was not taken: it is another one, or the request is too old. Try again.');
  }
}

/** One authenticator app at a time: the old one goes first. */
export class TotpAlreadyEnabled extends DomainError {
  readonly code = 'TOTP_ALREADY_ENABLED';
  constructor() {
    super('There is an authenticator app already. Disable it first.');
  }
}

/** More passkeys than anyone has devices. */
export class TooManyPasskeys extends DomainError {
  readonly code = 'TOO_MANY_PASSKEYS';
  readonly limit: number;
  constructor(limit: number) {
    super(`There are ${String(limit)} passkeys already. Remove one first.`);
    this.limit = limit;
  }
}
