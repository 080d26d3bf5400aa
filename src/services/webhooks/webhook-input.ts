import { InvalidInput } from '../platform/errors.ts';
import { parseOutsideUrl } from '../platform/outside-url.ts';

const URL_MAX_CHARACTERS = 1_000;

/** A URL as it is kept; throws InvalidInput for one that leads inside. It is not repeated. */
export function parseReceiver(text: string, isInsideAllowed: boolean): string {
  const isShort = text.length <= URL_MAX_CHARACTERS;
  const isOutside = isShort && parseOutsideUrl(text, { isInsideAllowed }) !== undefined;
  // With the slash at its end: some receivers send elsewhere whoever leaves it out.
  if (isOutside) return new URL(text).href;
  throw new InvalidInput(
    'url',
    'A URL begins with https:// and leads to a public name, without user, query or fragment.',
  );
}

/** Types each once, in one order; all of them is the same as none. */
export function parseTypes(
  given: readonly string[] | null | undefined,
  known: readonly string[],
): string[] {
  if (given === null || given === undefined) return [];
  const types = known.filter((type) => given.includes(type));
  if (types.length > 0 && given.every((type) => known.includes(type))) return types;
  throw new InvalidInput('types', 'Name the types of events to send, or none to have them all.');
}
