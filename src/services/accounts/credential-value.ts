import { z } from 'zod';
import { InvalidInput } from '../platform/errors.ts';

/** What is kept for another service: a key, or its parts by name, such as `keyId` and `secret`. */
export type SecretValue = string | Readonly<Record<string, string>>;

const VALUE_MAX_BYTES = 16 * 1024;
const PARTS_MAX = 32;
const PART_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

const text = z
  .string()
  .min(1)
  .refine((value) => value.isWellFormed());
const VALUE = z.union([
  text,
  z.record(z.string().regex(PART_NAME), text).refine((parts) => {
    const { length } = Object.keys(parts);
    return length > 0 && length <= PARTS_MAX;
  }),
]);

/**
 * The value as it is sealed: JSON with its parts in order, so that the same parts are the same
 * value. Throws InvalidInput for anything but a text or up to 32 named texts, and past 16 KB; what
 * was given is never repeated.
 */
export function parseSecretValue(value: unknown): string {
  const { success, data } = VALUE.safeParse(value);
  if (!success) {
    throw new InvalidInput(
      'value',
      `A value is a text, or an object of 1 to ${PARTS_MAX} texts by names such as "keyId". None is empty.`,
    );
  }
  const canonical = JSON.stringify(typeof data === 'string' ? data : inOrder(data));
  if (Buffer.byteLength(canonical) > VALUE_MAX_BYTES) {
    throw new InvalidInput('value', `A value has at most ${VALUE_MAX_BYTES} bytes.`);
  }
  return canonical;
}

/** What was sealed, as it was given. */
export function readSecretValue(canonical: string): SecretValue {
  return VALUE.parse(JSON.parse(canonical));
}

function inOrder(parts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
