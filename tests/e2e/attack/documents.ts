import assert from 'node:assert/strict';
import { tally, type Attack } from './attack.ts';
import type { AttackHouse } from './house.ts';
import { ask, type Answer } from './wire.ts';

const SENT_MAX = 900_000;
const times = (count: number, write: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => write(n)).join(' ');

const DOCUMENTS: readonly (readonly [name: string, queries: readonly string[], code: string])[] = [
  [
    '10,000 aliases of __typename',
    [`{ ${times(10_000, (n) => `a${String(n)}: __typename`)} }`],
    'QUERY_TOO_COMPLEX',
  ],
  [
    '16 aliases of __typename',
    [`{ ${times(16, (n) => `a${String(n)}: __typename`)} }`],
    'QUERY_TOO_COMPLEX',
  ],
  ['a field 5,000 times', [`{ ${times(5_000, () => '__typename')} }`], 'QUERY_TOO_COMPLEX'],
  [
    'aliases hidden in fragments, and in fragments of fragments',
    [
      `{ ...A ...B } fragment A on Query { ${times(10, (n) => `a${String(n)}: __typename`)} }
       fragment B on Query { ${times(10, (n) => `b${String(n)}: __typename`)} }`,
      `{ ...A } fragment A on Query { ...B ${times(10, (n) => `a${String(n)}: __typename`)} }
       fragment B on Query { ${times(10, (n) => `b${String(n)}: __typename`)} }`,
    ],
    'QUERY_TOO_COMPLEX',
  ],
  [
    'braces nested 10,000 levels deep, and fields 40',
    [
      '{ a '.repeat(10_000) + '}'.repeat(10_000),
      `{ viewer { accounts(first: 1) { nodes ${'{ orders(first: 1) { nodes { account '.repeat(10)} { id } ${'} } }'.repeat(10)} } } }`,
    ],
    'QUERY_TOO_COMPLEX',
  ],
  [
    'lists and objects nested 10,000 levels deep in an argument',
    [
      `{ nodes(ids: ${'['.repeat(10_000)}${']'.repeat(10_000)}) { id } }`,
      `{ models(filter: ${'{ a: '.repeat(5_000)}1${' }'.repeat(5_000)}) { nodes { id } } }`,
    ],
    'QUERY_TOO_COMPLEX',
  ],
  [
    'types nested 5,000 levels deep in a variable',
    [`query Q($a: ${'['.repeat(5_000)}Int${']'.repeat(5_000)}) { __typename }`],
    'QUERY_TOO_COMPLEX',
  ],
  [
    'fragments that spread each other, themselves, and in a ring of 20',
    [
      '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
      '{ ...A } fragment A on Query { ...A }',
      `{ ...A0 } ${times(20, (n) => `fragment A${String(n)} on Query { ...A${String((n + 1) % 20)} }`)}`,
    ],
    'any',
  ],
  [
    'fragments that double 20 times',
    [
      `{ ...A0 } ${times(20, (n) => `fragment A${String(n)} on Query { ...A${String(n + 1)} ...A${String(n + 1)} }`)}
       fragment A20 on Query { __typename }`,
    ],
    'QUERY_TOO_COMPLEX',
  ],
  [
    '500 directives, known and unknown, on a field and on the operation',
    [
      `{ __typename ${times(500, () => '@skip(if: false)')} }`,
      `{ __typename ${times(500, () => '@a')} }`,
      `query ${times(500, () => '@a')} { __typename }`,
    ],
    'QUERY_TOO_COMPLEX',
  ],
  [
    '600 variables, fragments or operations',
    [
      `query Q(${times(600, (n) => `$a${String(n)}: Int`)}) { __typename }`,
      `{ __typename } ${times(600, (n) => `fragment A${String(n)} on Query { __typename }`)}`,
      times(600, (n) => `query A${String(n)} { __typename }`),
    ],
    'QUERY_TOO_COMPLEX',
  ],
  [
    '100 rows of 100 rows of 100 rows',
    [
      '{ models(first: 100) { nodes { log(first: 100) { nodes { model { log(first: 100) { nodes { id } } } } } } } }',
    ],
    'QUERY_TOO_COMPLEX',
  ],
  [
    'fields of one name that differ, 300 times',
    [`{ ${times(300, (n) => `nodes(ids: ["${String(n)}"]) { id }`)} }`],
    'any',
  ],
  [
    'a comment of 900 KB, and one name of 900 KB',
    [`{ __typename } # ${'x'.repeat(SENT_MAX)}`, `{ ${'x'.repeat(SENT_MAX)} }`],
    'small',
  ],
  [
    'introspection, asked for in five ways',
    [
      '{ __schema { types { name } } }',
      '{ __type(name: "User") { fields { name } } }',
      'query { a: __schema { queryType { name } } }',
      '{ ...F } fragment F on Query { __schema { types { name } } }',
      '{ ... @include(if: true) { __schema { types { name } } } }',
    ],
    'BAD_USER_INPUT',
  ],
  [
    'names that come near, in the hope of a hint',
    ['{ viewr { usr } }', '{ viewer { user { passwordHash } } }'],
    'silent',
  ],
];

function assertRefused({ codes, text, status, data }: Answer, code: string): void {
  const shown = `${String(status)} ${text.slice(0, 200)}`;
  assert.ok(status < 500 && !codes.includes('INTERNAL'), shown);
  assert.ok(!text.includes('Did you mean'), shown);
  if (code === 'small') {
    assert.ok(text.length < SENT_MAX + 2_000 && status > 0, shown);
    return;
  }
  assert.equal(data, undefined, shown);
  assert.ok(codes.length > 0, shown);
  if (['BAD_USER_INPUT', 'QUERY_TOO_COMPLEX'].includes(code))
    assert.ok(codes.includes(code), shown);
}

const REFUSALS: Readonly<Record<string, string>> = {
  any: 'QUERY_TOO_COMPLEX or BAD_USER_INPUT',
  small: 'answered as any, and with no more than was sent',
  silent: 'BAD_USER_INPUT, and no hint',
};

export const DOCUMENT_ATTACKS: readonly Attack[] = [
  ...DOCUMENTS.map(([name, queries, code]): Attack => ({
    name: `document: ${name}`,
    refusal: REFUSALS[code] ?? code,
    async run(house) {
      const answers: Answer[] = [];
      for (const query of queries) {
        const answer = await ask(house, { query, from: house.nextAddress() });
        assertRefused(answer, code);
        answers.push(answer);
      }
      return tally(answers.map(({ status, codes }) => `${String(status)} ${codes[0] ?? ''}`));
    },
  })),
  {
    name: 'lists of a million, by number and by variable',
    refusal: 'BAD_USER_INPUT: 100 at most',
    async run(house) {
      const codes: string[] = [];
      for (const first of [1_000_000, 101, -1, 2 ** 31 - 1]) {
        const query = `query Q($first: Int) { models(first: $first) { nodes { id } } }`;
        const byVariable = await ask(house, { query, variables: { first } });
        const byNumber = await ask(house, {
          query: `{ models(first: ${String(first)}) { nodes { id } } }`,
        });
        codes.push(...byVariable.codes, ...byNumber.codes);
      }
      assert.ok(
        codes.every((code) => ['BAD_USER_INPUT', 'QUERY_TOO_COMPLEX'].includes(code)),
        tally(codes),
      );
      assert.equal(codes.length, 8);
      return tally(codes);
    },
  },
  {
    name: 'operationName that names another, none, or a prototype',
    refusal: 'that operation with its own cost, or BAD_USER_INPUT',
    async run(house) {
      const costly =
        'query B { models(first: 100) { nodes { log(first: 100) { nodes { id } } } } }';
      const query = `query A { __typename } ${costly}`;
      const codes = await namesCodes(house, query);
      return tally(codes);
    },
  },
];

async function namesCodes(house: AttackHouse, query: string): Promise<string[]> {
  const codes: string[] = [];
  for (const operationName of ['B', 'C', '', '__proto__', 'constructor', 'x'.repeat(100_000)]) {
    const answer = await ask(house, { query, more: { operationName } });
    assert.ok(answer.status < 500 && answer.codes.length > 0, answer.text.slice(0, 200));
    assert.equal(answer.data ?? undefined, undefined);
    codes.push(...answer.codes);
  }
  assert.equal(codes[0], 'QUERY_TOO_COMPLEX');
  return codes;
}
