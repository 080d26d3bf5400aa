import { InvalidInput } from '../platform/errors.ts';

const USERNAME = /^[A-Za-z0-9_]{3,32}$/;
/**
 * A mailbox at a domain, in any script, as the net delivers to: no display name, quotes, comments,
 * lists or numbers of machines. Whether mail arrives, only a mail can tell.
 */
const EMAIL = (() => {
  const atom = String.raw`[^\p{C}\p{Z}\s"(),.:;<>@\[\\\]]+`;
  const label = String.raw`[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}\-]{0,61}[\p{L}\p{M}\p{N}])?`;
  const isNoNumber = String.raw`(?!(?:[^@]*\.)?\p{N}+$)`;
  return new RegExp(`^${atom}(?:\\.${atom})*@${isNoNumber}${label}(?:\\.${label})*$`, 'u');
})();
/** RFC 5321, 4.5.3.1.3, less the angle brackets. */
const EMAIL_MAX_CHARACTERS = 254;

export interface PersonNames {
  readonly username: string;
  /** Unique, so that names differ by more than case. */
  readonly usernameKey: string;
  readonly email: string;
  readonly emailKey: string;
}

/** Trims and checks what a person is called. Throws InvalidInput that names the field. */
export function parseNames(input: { username: string; email: string }): PersonNames {
  const username = input.username.trim();
  if (!USERNAME.test(username)) {
    throw new InvalidInput('username', 'A user name has 3 to 32 letters, digits or underscores.');
  }
  return { username, usernameKey: keyOf(username), ...parseEmail(input.email) };
}

/**
 * Trims and checks an address. Throws InvalidInput. Mail goes to the composed form: letters that
 * only look like those of somebody's address (a Kelvin sign for a K) would have their key, and else
 * another mailbox.
 */
export function parseEmail(input: string): Pick<PersonNames, 'email' | 'emailKey'> {
  const email = input.trim().normalize('NFC');
  if (email.length > EMAIL_MAX_CHARACTERS || !EMAIL.test(email) || !email.isWellFormed()) {
    throw new InvalidInput('email', 'This does not look like an e-mail address.');
  }
  return { email, emailKey: keyOf(email) };
}

/**
 * The keys under which a log-in looks: a user name holds no @, so one text cannot mean two people.
 */
export function loginKey(login: string): string {
  return keyOf(login);
}

const keyOf = (name: string): string => name.trim().normalize('NFC').toLowerCase();
