import { parseLine } from '../platform/line-of-text.ts';

const FULL_NAME_MAX_CHARACTERS = 200;

/** A full name, trimmed; null for an empty one, which takes a name away. Throws InvalidInput. */
export function parseFullName(text: string): string | null {
  return text.trim() === '' ? null : parseLine('fullName', text, FULL_NAME_MAX_CHARACTERS);
}
