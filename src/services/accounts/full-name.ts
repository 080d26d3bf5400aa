import { InvalidInput } from '../platform/errors.ts';

const FULL_NAME_MAX_CHARACTERS = 200;
/** Control characters, and those that turn the direction of the text around them. */
const UNSEEN = /[\p{Cc}\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;

/** A full name, trimmed; null for an empty one, which takes a name away. Throws InvalidInput. */
export function parseFullName(text: string): string | null {
  const name = text.trim().normalize('NFC');
  if (name === '') return null;
  if (Array.from(name).length > FULL_NAME_MAX_CHARACTERS) {
    throw new InvalidInput(
      'fullName',
      `A name has at most ${FULL_NAME_MAX_CHARACTERS} characters.`,
    );
  }
  if (UNSEEN.test(name) || !name.isWellFormed()) {
    throw new InvalidInput('fullName', 'A name is one line of text that can be seen.');
  }
  return name;
}
