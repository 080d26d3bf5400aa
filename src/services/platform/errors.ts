/**
 * An expected refusal: something a caller can cause and can act on. Its code is stable and its
 * message may be shown to the caller. Anything else that is thrown is a bug and is masked.
 */
export abstract class DomainError extends Error {
  abstract readonly code: string;

  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** Nobody is logged in, or the token is not valid any more. */
export class Unauthenticated extends DomainError {
  readonly code = 'UNAUTHENTICATED';
  constructor(message = 'Log in first.') {
    super(message);
  }
}

/** Logged in, but not allowed. */
export class Forbidden extends DomainError {
  readonly code = 'FORBIDDEN';
  constructor(message = 'You may not do this.') {
    super(message);
  }
}

/** There is no such thing, or it is not the viewer's: the answer is the same. */
export class NotFound extends DomainError {
  readonly code = 'NOT_FOUND';
  readonly what: string;
  /** `what`: the kind of thing in words, such as "Account". */
  constructor(what: string) {
    super(`${what} not found.`);
    this.what = what;
  }
}

/** A value that no check of its form could refuse, such as a quantity off the instrument's lot. */
export class InvalidInput extends DomainError {
  readonly code = 'BAD_USER_INPUT';
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** The key was used before, with another body. */
export class IdempotencyConflict extends DomainError {
  readonly code = 'IDEMPOTENCY_CONFLICT';
  readonly key: string;
  constructor(key: string) {
    super(`The key "${key}" was used before for another request.`);
    this.key = key;
  }
}

/** The caller has asked for too much in too short a time. */
export class RateLimited extends DomainError {
  readonly code = 'RATE_LIMITED';
  /** Until the same can be asked for again. */
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super(`Too many requests. Try again in ${retryAfterSeconds} s.`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
