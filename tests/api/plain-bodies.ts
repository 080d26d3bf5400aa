import { PASSWORD } from '../support/app.ts';

/** The body that asks for a document. */
export const ask = (query: unknown, more: object = {}): string =>
  JSON.stringify({ query, ...more });
const manyFields = (count: number): string => '__typename '.repeat(count);

/** What may come in a POST of JSON: good, wrong, odd, and too much. At most 4,096 bytes are taken. */
export const BODIES: Readonly<Record<string, string | Buffer>> = {
  'a query': ask('{ __typename }'),
  // Its status may differ from moment to moment on a busy machine.
  'what is public': ask('{ health { version } }'),
  'what is the caller’s own': ask('{ viewer { user { username } } }'),
  'what asks for a log-in': ask('{ orders { nodes { id } } }'),
  'an error beside data': ask('{ __typename order(id: "none") { id } }'),
  'a subscription': ask('subscription { nothing }'),
  'the word subscription': ask('{ __typename # subscription\n }'),
  'no such field': ask('{ nothing }'),
  'no field': ask('{ health }'),
  'no GraphQL': ask('{ health { '),
  'an empty query': ask(''),
  'several operations, none named': ask('query A { __typename } query B { __typename }'),
  'several operations, one named': ask('query A { __typename } query B { b: __typename }', {
    operationName: 'B',
  }),
  'an unknown operation': ask('query A { __typename }', { operationName: 'C' }),
  'an operation name of null': ask('{ __typename }', { operationName: null }),
  'an operation name that is a number': ask('{ __typename }', { operationName: 7 }),
  'a variable': ask('query($n: Int!) { instruments(first: $n) { nodes { symbol } } }', {
    variables: { n: 1 },
  }),
  'no variable': ask('query($n: Int!) { instruments(first: $n) { nodes { symbol } } }'),
  'a wrong variable': ask('query($n: Int!) { instruments(first: $n) { nodes { symbol } } }', {
    variables: { n: 'one' },
  }),
  'a variable too many': ask('{ __typename }', { variables: { n: 1 } }),
  'variables of null': ask('{ __typename }', { variables: null }),
  'variables that are a list': ask('{ __typename }', { variables: [1] }),
  'variables that are a text': ask('{ __typename }', { variables: '{}' }),
  'a variable that cannot be stored': ask('query($s: String) { __typename @skip(if: false) }', {
    variables: { s: 'a\0b' },
  }),
  extensions: ask('{ __typename }', { extensions: { a: 1 } }),
  'extensions that are a text': ask('{ __typename }', { extensions: 'a' }),
  'a parameter that is none': ask('{ __typename }', { id: 'x' }),
  'too many tokens': ask(`{ ${'a '.repeat(1_600)} }`),
  'too many aliases': ask(`{ ${[...Array(20).keys()].map((n) => `a${n}: __typename`).join(' ')} }`),
  'too many directives': ask(`{ __typename ${'@skip(if: false) '.repeat(12)} }`),
  'too deep': ask(`{ viewer ${'{ user '.repeat(14)} { id } ${'} '.repeat(14)} }`),
  'too costly': ask('{ models(first: 100) { nodes { log(first: 100) { nodes { id } } } } }'),
  'too many asked for': ask('{ instruments(first: 1000000) { nodes { symbol } } }'),
  introspection: ask('{ __schema { queryType { name } } }'),
  'a mutation that is refused': ask('mutation { logOut { __typename } }'.replace('logOut', 'none')),
  'a log-in': ask(
    `mutation { logIn(input: { login: "ada", password: "${PASSWORD}" }) {
       __typename ... on LogInSuccess { accessToken } } }`,
  ),
  'a refresh without a cookie': ask('mutation { refreshSession { __typename } }'),
  'no query': '{}',
  'a query that is null': ask(null),
  'a query that is a number': ask(7),
  'a query that is a list': ask(['{ __typename }']),
  'a batch': `[${ask('{ __typename }')}]`,
  'an empty batch': '[]',
  null: 'null',
  'a number': '7',
  'a text': '"{ __typename }"',
  nothing: '',
  'half of JSON': '{"query": "{ __typename',
  'JSON with a tail': `${ask('{ __typename }')} x`,
  'a key that comes twice': '{"query": "{ nothing }", "query": "{ __typename }"}',
  'no name where there are several': ask('query A { __typename } query B { __typename }', {
    operationName: '',
  }),
  'a mutation among queries': ask('query A { __typename } mutation B { logOut { __typename } }', {
    operationName: 'A',
  }),
  'a subscription among queries, named': ask(
    'query A { __typename } subscription B($s: [String!]!) { quotes(symbols: $s) { bid } }',
    { operationName: 'B', extensions: null },
  ),
  'a parameter that is none, and null': ask('{ __typename }', { id: null }),
  'fragments alone': ask('fragment F on Query { __typename }'),
  'a bug in the form of a variable': ask('query($a: [[[Int!]!]!]) { __typename @skip(if: $a) }'),
  'a prototype': '{"query": "{ __typename }", "__proto__": {"a": 1}}',
  'a mark of byte order': `\uFEFF${ask('{ __typename }')}`,
  'bytes that are no text': Buffer.concat([
    Buffer.from('{"query": "{ __typename # '),
    Buffer.from([0xff, 0xfe, 0xc3]),
    Buffer.from('\\n }"}'),
  ]),
  'letters of many bytes': ask('{ __typename # 株式 🚀\n }'),
  'as many bytes as may be': ask(`{ __typename # ${'x'.repeat(4_096 - 30)} }`).slice(0, 4_096),
  'exactly the limit': ask('{ __typename }').padEnd(4_096),
  'a byte past the limit': ask('{ __typename }').padEnd(4_097),
  'far past the limit': ask(`{ ${manyFields(2_000)} }`),
};
