import { ImportError } from './errors.ts';
import { placeOfOffset, type SourceText } from './json.ts';

/**
 * Refuses a record that has a key twice. The parser keeps the last of two without a word; but then
 * the text ends more keys than the parsed `value` has, and only such a text is searched: counting
 * takes a third of the time of parsing. `text` is JSON that was parsed. Throws ImportError at the
 * second of two.
 */
export function refuseRepeatedKeys(source: SourceText, value: unknown): void {
  if (countKeyEnds(source.text) !== countKeys(value)) findRepeatedKey(source);
}

const BACKSLASH = 0x5c;
const COLON = 0x3a;
const QUOTE = 0x22;
const SPACE = 0x20;

/** Quotes before a colon: each key has one, and a text may hold further ones. */
function countKeyEnds(text: string): number {
  let count = 0;
  for (let colon = text.indexOf(':'); colon !== -1; colon = text.indexOf(':', colon + 1)) {
    let at = colon - 1;
    while (text.charCodeAt(at) <= SPACE) at -= 1;
    if (text.charCodeAt(at) === QUOTE) count += 1;
  }
  return count;
}

/** Of all objects in a value. Not by recursion: a text may be nested deeper than the stack is. */
function countKeys(value: unknown): number {
  let count = 0;
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null) continue;
    const isList = Array.isArray(next);
    for (const key in next) {
      if (!isList) count += 1;
      const inner = (next as Readonly<Record<string, unknown>>)[key];
      if (typeof inner === 'object') waiting.push(inner);
    }
  }
  return count;
}

function findRepeatedKey(source: SourceText): void {
  const { text } = source;
  const objects: Set<unknown>[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{') objects.push(new Set());
    else if (character === '}') objects.pop();
    else if (character === '"') {
      const begin = at;
      at = endOfText(text, begin);
      if (!isBeforeColon(text, at + 1)) continue;
      // Two spellings of one key, such as with a letter escaped, are one.
      const key: unknown = JSON.parse(text.slice(begin, at + 1));
      const met = objects.at(-1);
      if (met?.has(key) === true) {
        throw new ImportError(
          placeOfOffset(source, begin),
          `"${String(key).slice(0, 40)}" is there twice.`,
        );
      }
      met?.add(key);
    }
  }
}

/** Where the quote is that ends the text which begins with the one at `begin`. */
function endOfText(text: string, begin: number): number {
  let at = begin + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  return at;
}

function isBeforeColon(text: string, offset: number): boolean {
  let at = offset;
  while (text.charCodeAt(at) <= SPACE) at += 1;
  return text.charCodeAt(at) === COLON;
}
