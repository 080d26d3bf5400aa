import type { FilePlace } from './errors.ts';
import { placeOfField, placeOfOffset, type SourceText } from './json.ts';

/**
 * Where a field of an item of a list is, such as `feed / 3 / title`. Items have no names to look
 * for, so that they are counted.
 */
export function placeInFeed(source: SourceText, path: readonly string[]): FilePlace {
  const [feed = '', index, ...rest] = path;
  if (index === undefined) return placeOfField(source, path);
  const start = source.text.indexOf(JSON.stringify(feed));
  const item = offsetOfItem(source.text, Math.max(0, start), Number(index));
  const { file, line } = placeOfOffset(source, item);
  return placeOfField({ file, line, text: source.text.slice(item) }, rest);
}

/**
 * Of the item of a number, from 0, in the list that follows `start`; `start` when there is none.
 */
function offsetOfItem(text: string, start: number, wanted: number): number {
  const list = text.indexOf('[', start);
  let [depth, items] = [0, 0];
  for (const { 0: token, index } of text.slice(list).matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '{' && depth === 1) {
      if (items === wanted) return list + index;
      items += 1;
    }
    if (token === '[' || token === '{') depth += 1;
    if (token === ']' || token === '}') depth -= 1;
  }
  return start;
}
