import { describe, expect, it } from 'vitest';
import { parseApiKey } from '../../../src/services/accounts/api-key-settings.ts';
import { parsePlace } from '../../../src/services/accounts/credential-place.ts';
import { parseFullName } from '../../../src/services/accounts/full-name.ts';
import { parseName } from '../../../src/services/agents/model-settings.ts';

const NOW = new Date('2026-01-01T12:00:00Z');
const NAMES: readonly (readonly [string, string, (name: string) => string | null])[] = [
  ['a model', 'name', parseName],
  ['a person', 'fullName', parseFullName],
  ['a secret', 'name', (name) => parsePlace({ kind: 'BROKER', provider: 'x', name }).name],
  [
    'a key',
    'name',
    (name) => parseApiKey({ name, environment: 'LIVE', scopes: ['READ'] }, NOW).name,
  ],
];

describe.each(NAMES)('the name of %s', (_what, field, parse) => {
  it.each([
    ['two lines', 'two\nlines'],
    ['a bell', 'ding\u0007'],
    ['a nul', 'nul\u0000'],
    ['a separator of lines', 'two\u2028lines'],
    ['what turns the direction', 'invoice\u202Efdp.exe'],
    ['an isolate', 'a\u2066b\u2069'],
    ['a space without room', 'ad\u200Bmin'],
    ['a soft hyphen', 'ad\u00ADmin'],
    ['letters that are tags', 'bot\u{E0041}\u{E0042}'],
    ['nothing that is seen', '\u200D\u200C'],
    ['a filler alone', '\u3164'],
    ['braille without a dot', '\u2800'],
    ['an accent alone', '\u0301'],
    ['half a character', 'a\uD800'],
    ['more than it holds', 'a'.repeat(201)],
  ])('has no %s', (_problem, name) => {
    expect(() => parse(name)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', field }) as Error,
    );
  });

  it.each(['Ada', 'O\u2019Neil & Sons #2', '李小龍', 'علی‌رضا', '👩‍🚀 to the moon', '❤️', '7'])(
    'may be %s',
    (name) => {
      expect(parse(` ${name} `)).toBe(name);
    },
  );

  it('is composed: the same letters are the same name', () => {
    expect(parse('Ame\u0301lie')).toBe('Am\u00E9lie');
  });
});
