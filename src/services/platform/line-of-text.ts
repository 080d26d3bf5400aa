import { InvalidInput } from './errors.ts';

/**
 * What ends a line, what turns the direction of the text around it, and what takes no room: with it, two
 * names look alike that are not, or a name says one thing to people and another one to programs. What
 * shapes the letters beside it stays, since whole scripts and many emoji are written with it.
 */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}[\p{DI}--[\p{Join_Control}\p{Variation_Selector}]]]/v;
/** U+2800 is the pattern of braille without a dot. */
const VISIBLE = /[[\p{L}\p{N}\p{P}\p{S}]--\p{DI}--\u{2800}]/v;

/**
 * What people call something: one line with a character that is seen, trimmed and composed. Throws
 * InvalidInput, with the field, for anything else and past `maxCharacters`.
 */
export function parseLine(field: string, text: string, maxCharacters: number): string {
  const line = text.trim().normalize('NFC');
  const isLine = line.isWellFormed() && !UNSEEN.test(line) && VISIBLE.test(line);
  if (!isLine || Array.from(line).length > maxCharacters) {
    const range = `1 to ${String(maxCharacters)} characters`;
    throw new InvalidInput(field, `A name has ${range}, on one line of text that can be seen.`);
  }
  return line;
}
