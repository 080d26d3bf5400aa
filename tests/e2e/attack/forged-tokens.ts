import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { tally, type Attack } from './attack.ts';
import type { AttackHouse } from './house.ts';
import { openSocket } from './socket-wire.ts';
import { ask } from './wire.ts';

interface Forgery {
  readonly header?: Readonly<Record<string, unknown>>;
  /** On top of Ada's true claims; undefined takes one away. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** An Ed25519 key, or the secret of an HMAC; the server's own when it is left out. */
  readonly key?: KeyObject | Uint8Array;
}

const nowSeconds = () => Math.floor(Date.now() / 1_000);
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of Ada's session with one thing different, signed by hand: a library would refuse some. */
function forge({ ada, keys }: AttackHouse, { header = {}, claims = {}, key }: Forgery): string {
  const [, payload = ''] = ada.token.split('.');
  const truth = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const head = { alg: 'EdDSA', typ: 'at+jwt', kid: keys.ed.id, ...header };
  const text = `${encoded(head)}.${encoded({ ...truth, ...claims })}`;
  return `${text}.${signatureOf(text, head.alg, key ?? keys.ed.secret).toString('base64url')}`;
}

function signatureOf(text: string, algorithm: string, key: KeyObject | Uint8Array): Buffer {
  if (algorithm === 'none') return Buffer.alloc(0);
  if (key instanceof Uint8Array) {
    return createHmac(algorithm === 'HS512' ? 'sha512' : 'sha256', key)
      .update(text)
      .digest();
  }
  return sign(null, Buffer.from(text), key);
}

const FORGERIES: readonly (readonly [
  name: string,
  make: (house: AttackHouse) => readonly string[],
])[] = [
  [
    'alg: none, in four spellings',
    (house) =>
      ['none', 'None', 'NONE', 'nOnE'].map((alg) =>
        forge(house, { header: { alg }, key: Buffer.alloc(0) }).replace(/[^.]*$/, ''),
      ),
  ],
  [
    'no signature, or that of another text',
    (house) => {
      const [header = '', payload = '', signature = ''] = house.ada.token.split('.');
      return [`${header}.${payload}.`, `${header}.${payload}`, `${header}..${signature}`];
    },
  ],
  [
    'HS256 with the public EdDSA key as the secret (algorithm confusion)',
    (house) => {
      const { open, id } = house.keys.ed;
      const jwk = open.export({ format: 'jwk' });
      return [
        Buffer.from(open.export({ format: 'pem', type: 'spki' })),
        open.export({ format: 'der', type: 'spki' }),
        Buffer.from(jwk.x ?? '', 'base64url'),
        Buffer.from(jwk.x ?? ''),
      ].flatMap((secret) =>
        [id, house.keys.hs.id].map((kid) =>
          forge(house, { header: { alg: 'HS256', kid }, key: secret }),
        ),
      );
    },
  ],
  [
    'the old HS256 key under the name of the new one, and HS512 with it',
    (house) => {
      const { hs, ed } = house.keys;
      return [
        forge(house, { header: { alg: 'HS256', kid: ed.id }, key: hs.secret }),
        forge(house, {
          header: { alg: 'HS512', kid: hs.id },
          key: hs.secret,
        }),
      ];
    },
  ],
  [
    'an unknown kid, none, and such as name a file or a query',
    (house) =>
      [
        'unknown',
        '',
        undefined,
        '../../../../dev/null',
        '/proc/self/environ',
        "' OR '1'='1",
        '__proto__',
        'constructor',
        'hasOwnProperty',
        'new\0',
        'NEW',
        ' new',
      ].map((kid) => forge(house, { header: { kid } })),
  ],
  [
    'a key of another deployment, also brought along as jwk, jku or x5u',
    (house) => {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      const jwk = publicKey.export({ format: 'jwk' });
      const url = 'https://evil.example.com/keys.json';
      return [{}, { jwk }, { jku: url }, { x5u: url }].map((header) =>
        forge(house, { key: privateKey, header }),
      );
    },
  ],
  [
    'another type, issuer or audience',
    (house) => [
      ...['JWT', 'at+jwt; x', 'refresh', undefined].map((typ) => forge(house, { header: { typ } })),
      ...['tradegraph.evil', '', undefined, ['tradegraph', 'x']].map((iss) =>
        forge(house, { claims: { iss } }),
      ),
      ...['another-api', '', undefined].map((aud) => forge(house, { claims: { aud } })),
    ],
  ],
  [
    'expired, or without an end',
    (house) =>
      [nowSeconds() - 1, nowSeconds() - 86_400, 0, -1, undefined, 'tomorrow', null].map((exp) =>
        forge(house, { claims: { exp } }),
      ),
  ],
  [
    'of the future: issued or good from tomorrow on',
    (house) => [
      forge(house, { claims: { nbf: nowSeconds() + 86_400 } }),
      forge(house, { claims: { iat: nowSeconds() + 86_400 } }),
      forge(house, { claims: { iat: nowSeconds() + 3_600, exp: nowSeconds() + 7_200 } }),
      forge(house, { claims: { iat: undefined } }),
    ],
  ],
  [
    'another person, session or version',
    (house) => [
      forge(house, { claims: { sub: house.admin.id } }),
      forge(house, { claims: { jti: house.mallory.id } }),
      forge(house, { claims: { jti: "' OR '1'='1" } }),
      ...[1, -1, 0.5, '0', null].map((ver) => forge(house, { claims: { ver } })),
    ],
  ],
  [
    'unknown critical headers, and a payload that is packed',
    (house) => [
      forge(house, { header: { crit: ['b64'], b64: false } }),
      forge(house, { header: { crit: ['evil'], evil: true } }),
      forge(house, { header: { crit: [] } }),
    ],
  ],
  [
    'garbage and giants',
    () => ['a', 'a.b.c', '..', 'e30.e30.e30', 'ey'.repeat(5_000), 'e30.'.repeat(2_000)],
  ],
];

const WHO = '{ viewer { user { username } } }';

export const FORGED_TOKENS: readonly Attack[] = [
  ...FORGERIES.map(([name, make]): Attack => ({
    name: `token: ${name}`,
    refusal: 'UNAUTHENTICATED, 401',
    async run(house) {
      const tokens = make(house);
      const outcomes: string[] = [];
      for (const token of tokens) {
        const { status, codes, text } = await ask(house, {
          query: WHO,
          token,
          from: house.nextAddress(),
        });
        assert.ok(!text.includes(house.ada.username), `taken for Ada: ${token}`);
        outcomes.push(`${String(status)} ${codes.join()}`);
      }
      const refused = outcomes.filter((outcome) => outcome === '401 UNAUTHENTICATED').length;
      assert.equal(refused, tokens.length, tally(outcomes));
      return tally(outcomes);
    },
  })),
  {
    name: 'a forged token on a socket',
    refusal: 'closed with 4403',
    async run(house) {
      const socket = await openSocket(house);
      const token = forge(house, { claims: { exp: nowSeconds() - 1 } });
      socket.send({ type: 'connection_init', payload: { accessToken: token } });
      const code = await socket.closed();
      assert.equal(code, 4403);
      return String(code);
    },
  },
];
