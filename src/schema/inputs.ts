import { z } from 'zod';

const KEY_MAX_CHARACTERS = 100;

/** A key that makes a write idempotent: printable, so that it can be logged and compared by eye. */
export const keyText = z
  .string()
  .regex(/^[\x21-\x7E]+$/, 'Use letters, digits and signs, and no spaces.')
  .max(KEY_MAX_CHARACTERS);

export const IDEMPOTENCY_KEY =
  'Chosen by you, such as a UUID: the same key and input again get the first answer, and nothing ' +
  `is done twice. At most ${KEY_MAX_CHARACTERS} characters, kept for at least 24 hours.`;
