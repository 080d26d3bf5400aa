import { InvalidInput } from './errors.ts';

/** Longer than what anybody looks for, and short enough that reading it costs nothing. */
const SEARCH_CHARACTERS_MAX = 1_000;

/** What somebody looks for, in the form that the functions of the database take. */
export interface Search {
  /** In the manner of search engines: words, "phrases", or, -not. */
  readonly text: string;
  /** Patterns of LIKE that hold besides: parts of texts that have no spaces between their words. */
  readonly fragments: readonly string[];
  /** The whole search without LIKE: slower among many texts, since phrases are looked up in each. */
  readonly phrases: string;
}

/** Characters of Chinese, Japanese and Korean: the database takes each for a word. */
const UNSPACED = /(-?)([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+)/g;
const QUOTES = /[“”„«»「」]/g;
/** More than one "not" before a word: the database reads 32 of them, and two are none. */
const REPEATED_NOT = /-[\s!&|()-]*-/g;

/**
 * Reads a search. Throws InvalidInput for one that is longer than 1,000 characters; every other text
 * is a search. One without a word that counts finds nothing.
 *
 * A run of Chinese is found as it stands: its characters by the index, their order in the text itself.
 * Only beside an `or` the order does not count, and what is left out is left out as a phrase.
 */
export function parseSearch(text: string): Search {
  if (text.length > SEARCH_CHARACTERS_MAX) {
    throw new InvalidInput(
      'search',
      `A search has at most ${String(SEARCH_CHARACTERS_MAX)} characters.`,
    );
  }
  // The one character that no text of the database has.
  const parts = text.replaceAll('\0', ' ').replaceAll(QUOTES, '"').split('"');
  // A quote that nothing closes is none.
  const isQuoted = (index: number) => index % 2 === 1 && index < parts.length - 1;
  const hasOr = parts.some((part, index) => !isQuoted(index) && /(^|\s)or(\s|$)/i.test(part));
  const fragments: string[] = [];
  const read = (toText: (characters: string) => string): string => {
    const texts = parts.map((part, index) => {
      if (isQuoted(index)) return `"${part}"`;
      return withoutDoubleNot(part).replaceAll(
        UNSPACED,
        (_run, minus: string, characters: string) =>
          minus === '' ? ` ${toText(characters)} ` : ` -"${characters}" `,
      );
    });
    return texts.join(' ');
  };
  const phrases = read((characters) => `"${characters}"`);
  const words = read((characters) => {
    if (!hasOr) fragments.push(`%${characters}%`);
    return characters;
  });
  return { text: words, fragments, phrases };
}

function withoutDoubleNot(part: string): string {
  return part.replaceAll(REPEATED_NOT, (run) => (run.split('-').length % 2 === 0 ? '-' : ' '));
}

/**
 * Waits for what asks the database for a search. Throws InvalidInput when the database does not take
 * it: its limits are its own.
 */
export async function searched<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof Error) || !/tsquery|tsvector/.test(error.message)) throw error;
    throw new InvalidInput('search', 'This search has too many words or signs; make it shorter.');
  }
}
