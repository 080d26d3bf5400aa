const WORDS_MAX_CHARACTERS = 80;
/** Ends of lines, what turns the direction of writing, halves of pairs: nothing that is read. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]+/gu;

/**
 * What a person typed, such as the name of a key, fit for a line of a mail: on one line, without
 * characters that nobody sees, and of 80 characters at most.
 */
export function plainWords(text: string): string {
  const clean = text.replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim();
  if (clean.length <= WORDS_MAX_CHARACTERS) return clean;
  // A cut through the middle of a pair leaves a half, which is no character.
  return `${clean.slice(0, WORDS_MAX_CHARACTERS - 1).replace(/\p{Cs}$/u, '')}…`;
}
