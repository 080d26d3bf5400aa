import assert from 'node:assert/strict';
import { inParallel, tally, type Attack } from './attack.ts';
import type { AttackHouse } from './house.ts';
import { ask, readAnswer, send, type Answer } from './wire.ts';

const CREATE = `mutation Create($name: String!, $key: String!) {
  createModel(input: {
    name: $name, prompt: "x", universe: ["ACME.SIM"], startingCash: "1", intervalSeconds: 86400,
    idempotencyKey: $key
  }) { __typename ... on Error { code } }
}`;
const SIGN_UP = `mutation SignUp($username: String!, $email: String!) {
  signUp(input: { username: $username, email: $email, password: "quite a long one, and new" }) {
    __typename ... on Error { code }
  }
}`;
const INSTRUMENT = 'query Q($symbol: String!) { instrument(symbol: $symbol) { id } }';

/** A body written by hand: JSON.stringify would mend what is wrong in it. */
async function post(house: AttackHouse, body: string | Buffer, token?: string): Promise<Answer> {
  return readAnswer(
    await send(house, {
      body,
      from: house.nextAddress(),
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
    }),
  );
}

const withSymbol = (json: string): string =>
  `{"query":${JSON.stringify(INSTRUMENT)},"variables":{"symbol":${json}}}`;

function refused(answers: readonly Answer[], ...codes: readonly string[]): string {
  const got = answers.map(({ status, codes: [code = 'answered'] }) => `${String(status)} ${code}`);
  for (const answer of answers) {
    const isRefused = answer.codes.some((code) => codes.includes(code)) || answer.status === 400;
    assert.ok(isRefused && answer.status < 500, `${tally(got)}: ${answer.text.slice(0, 300)}`);
  }
  return tally(got);
}

export const TEXTS: readonly Attack[] = [
  {
    name: 'null bytes and halves of characters, in variables and in documents',
    refusal: 'BAD_USER_INPUT',
    async run(house) {
      const texts = ['\\u0000', 'a\\u0000b', '\\ud800', 'a\\udfffb', '\\udfff\\ud800'];
      const answers = [
        ...(await inParallel(texts, 2, (text) => post(house, withSymbol(`"${text}"`)))),
        ...(await inParallel(texts, 2, (text) =>
          post(house, JSON.stringify({ query: `{ instrument(symbol: "${text}") { id } }` })),
        )),
      ];
      return refused(answers, 'BAD_USER_INPUT');
    },
  },
  {
    name: 'bytes that are no UTF-8',
    refusal: 'BAD_USER_INPUT, or taken as the replacement character',
    async run(house) {
      const bytes = [
        [0xff, 0xfe],
        [0xc0, 0x80],
        [0xed, 0xa0, 0x80],
        [0xf4, 0x90, 0x80, 0x80],
      ];
      const answers = await inParallel(bytes, 2, ([...wrong]) => {
        const [before = '', after = ''] = withSymbol('"?"').split('?');
        return post(
          house,
          Buffer.concat([Buffer.from(before), Buffer.from(wrong), Buffer.from(after)]),
        );
      });
      const got = answers.map(({ status, text }) => `${String(status)} ${text.slice(0, 60)}`);
      assert.ok(
        answers.every(({ status, codes }) => status < 500 && !codes.includes('INTERNAL')),
        tally(got),
      );
      return tally(
        answers.map(({ status, codes }) => `${String(status)} ${codes[0] ?? 'nothing found'}`),
      );
    },
  },
  {
    name: 'over-long texts: a million letters, marks without end, families of emoji',
    refusal: 'BAD_USER_INPUT or 413',
    async run(house) {
      const texts = ['x'.repeat(500_000), `e${'\u0301'.repeat(200_000)}`, '👨‍👩‍👧‍👦'.repeat(20_000)];
      const answers = await inParallel(texts, 1, (name) =>
        ask(house, { query: CREATE, variables: { name, key: '1' }, token: house.mallory.token }),
      );
      answers.push(
        ...(await inParallel(texts, 1, (text) =>
          ask(house, {
            query: SIGN_UP,
            variables: { username: text, email: `${text}@example.com` },
            from: house.nextAddress(),
          }),
        )),
      );
      return refused(answers, 'BAD_USER_INPUT');
    },
  },
  {
    name: 'user names that look like Ada’s, or like nothing',
    refusal: 'BAD_USER_INPUT: letters of ASCII, digits and underscores; no case of their own',
    async run(house) {
      const names = [
        ...[
          'аda',
          'ａｄａ',
          'a\u200bda',
          'a\u00addda',
          'ada\u0301',
          'ﬁda',
          '\u202eada',
          'ad\u1d43',
        ],
        ...[
          'ada@people.example',
          'a',
          'ada ada',
          '___\u0000',
          'ada\n',
          "ada'--",
          '<ada>',
          '../ada',
        ],
      ];
      const answers = await inParallel(names, 2, (username) =>
        ask(house, {
          query: SIGN_UP,
          variables: { username, email: 'somebody@new.example' },
          from: house.nextAddress(),
        }),
      );
      const other = await inParallel(['ADA', ' ada ', 'Ada'], 1, (username) =>
        ask(house, {
          query: SIGN_UP,
          variables: { username, email: 'somebody@new.example' },
          from: house.nextAddress(),
        }),
      );
      const taken = refused(other, 'USERNAME_TAKEN');
      // Trimmed, it is "ada" again.
      return `${refused(answers, 'BAD_USER_INPUT', 'USERNAME_TAKEN')}, ${taken}`;
    },
  },
  {
    name: 'numbers like 1e400, -0, 2^53 and NaN, where numbers and decimals go',
    refusal: 'BAD_USER_INPUT or 400',
    async run(house) {
      const models = 'query Q($first: Int) { models(first: $first) { nodes { id } } }';
      const body = (json: string) =>
        `{"query":${JSON.stringify(models)},"variables":{"first":${json}}}`;
      const numbers = [
        '1e400',
        '-1e400',
        '9007199254740993',
        '0.5',
        '"1"',
        'NaN',
        'Infinity',
        '-1',
        '[1]',
      ];
      const counted = await inParallel(numbers, 2, (json) => post(house, body(json)));
      const cash = [
        '1e400',
        'NaN',
        'Infinity',
        '0x10',
        '1_000',
        '-1',
        '1.1234567890123456789',
        '',
        ' 1',
        '١',
      ];
      const query = CREATE.replace('"1"', '$cash').replace(
        '$key: String!',
        '$key: String!, $cash: Decimal!',
      );
      const paid = await inParallel(cash, 2, (text) =>
        ask(house, {
          query,
          variables: { name: 'Rich', key: text, cash: text },
          token: house.mallory.token,
        }),
      );
      return refused([...counted, ...paid], 'BAD_USER_INPUT');
    },
  },
  {
    name: 'keys that would reach a prototype',
    refusal: 'BAD_USER_INPUT or as if they were not there; nobody becomes administrator',
    async run(house) {
      const keys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];
      const evil = '{"role":"SUPER_ADMIN","isAdministrator":true,"userId":"x"}';
      const who = JSON.stringify('query Q { admin { users(first: 1) { nodes { id } } } }');
      const bodies = keys.flatMap((key) => [
        `{"query":${who},"${key}":${evil}}`,
        `{"query":${who},"variables":{"${key}":${evil}}}`,
        `{"query":${who},"extensions":{"${key}":{"prototype":${evil}}}}`,
        `{"query":${JSON.stringify(INSTRUMENT)},"variables":{"symbol":{"${key}":${evil}}}}`,
      ]);
      const answers = await inParallel(bodies, 2, (body) => post(house, body, house.mallory.token));
      return refused(answers, 'FORBIDDEN', 'BAD_USER_INPUT');
    },
  },
  {
    name: 'ids of others, of other types, and of nothing',
    refusal: 'null, as for an id that never was',
    async run(house) {
      const { accountId, modelId, mallory } = house;
      const bare = Buffer.from(accountId, 'base64url').toString();
      const ids = [
        ...[accountId, modelId, bare, bare.toUpperCase(), `${accountId}=`, `${accountId}\n`],
        ...['Account:', 'User:1', '', '=', 'null'].map((text) =>
          Buffer.from(text).toString('base64url'),
        ),
        Buffer.from(bare.replace('Account', 'Model')).toString('base64url'),
        Buffer.from(bare.replace('Account', '__proto__')).toString('base64url'),
      ];
      const answers = await inParallel(ids, 2, (id) =>
        ask(house, {
          query: 'query Q($id: ID!) { node(id: $id) { __typename id } }',
          variables: { id },
          token: mallory.token,
        }),
      );
      const seen = answers.filter(
        ({ data }) => data?.['node'] !== null && data?.['node'] !== undefined,
      );
      assert.deepEqual(
        seen.map(({ text }) => text),
        [],
      );
      assert.ok(answers.every(({ codes }) => !codes.includes('INTERNAL')));
      return tally(answers.map(({ codes: [code = 'null'] }) => code));
    },
  },
];
