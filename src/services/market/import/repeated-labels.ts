import { ImportError } from './errors.ts';
import { placeOfOffset, type SourceText } from './json.ts';

/** Opens the record of a bar: a label, a colon and a brace. */
const LABELLED_RECORD = /"([^"\\]*)"\s*:\s*\{/g;
/** Braces that a file has beside those of its bars: its own, of the description and of the series. */
const OTHER_BRACES = 3;

/**
 * Refuses the series `key` of a text when it has a bar twice. The parser keeps the last of two without a
 * word; but then the text opens more records than the parsed series has (`count`), and only such a text
 * is searched. Throws ImportError at the second of two.
 */
export function refuseRepeatedLabels(source: SourceText, key: string, count: number): void {
  const { text } = source;
  if (countBraces(text) === OTHER_BRACES + count) return;
  const begin = text.indexOf(`"${key}"`);
  const met = new Set<string>();
  for (const { index, 1: label = '' } of text.slice(begin).matchAll(LABELLED_RECORD)) {
    if (met.has(label)) {
      throw new ImportError(placeOfOffset(source, begin + index), `"${label}" is there twice.`);
    }
    met.add(label);
  }
}

function countBraces(text: string): number {
  let count = 0;
  for (let at = text.indexOf('{'); at !== -1; at = text.indexOf('{', at + 1)) count += 1;
  return count;
}
