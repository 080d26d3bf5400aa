import fc from 'fast-check';
import { InvalidInput } from '../../src/services/platform/errors.ts';

/** What means something to the reader of a search, or to one of those that it is handed on to. */
const PIECES = [
  ...[
    '-',
    '"',
    "'",
    '\\',
    '!',
    '&',
    '|',
    '(',
    ')',
    '<',
    '>',
    '<->',
    '<2>',
    ':',
    ':*',
    '*',
    '%',
    '_',
  ],
  ...[' ', '\t', '\n', '\0', '.', ',', '/', '@', '#', '$', '+', '~', '…', '“', '”', '—', '\u00ad'],
  ...[
    'or ',
    ' or ',
    'OR',
    'the ',
    'buy ',
    'a',
    'é',
    'ß',
    'ก',
    '字',
    '字 ',
    '-字',
    'ソ',
    '한',
    '😀',
  ],
  ...[
    '-a',
    '- ',
    '-(',
    '-"',
    '-""',
    '-!',
    '--a ',
    'a-',
    'a-b-',
    'a.b/',
    'http://a.b/c?',
    '<a>',
    '&lt;',
  ],
  ...[
    '1e9',
    '-1.5',
    '0x',
    'a@b.c ',
    '\ud800',
    '\udc00',
    '\u202e',
    '\u200b',
    '\ufeff',
    '\u{10ffff}',
  ],
];

/** Each piece as often as a search has room for it. */
export const LONGEST_SEARCHES: readonly string[] = PIECES.map((piece) =>
  piece.repeat(1_000 / piece.length),
);

/** A text of up to 1,000 characters that nobody would look for, save to see what happens. */
export const hostileSearch: fc.Arbitrary<string> = fc
  .oneof(
    fc.array(fc.constantFrom(...PIECES), { maxLength: 400 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom(...PIECES)).map((pair) => {
      const both = pair.join('');
      return both.repeat(1_000 / both.length);
    }),
  )
  .map((text) => text.slice(0, 1_000));

/** Throws what is neither an answer nor a refusal that the caller understands. */
export async function answeredOrRefused(answer: Promise<unknown>): Promise<void> {
  await answer.catch((error: unknown) => {
    if (!(error instanceof InvalidInput)) throw error;
  });
}
