import { webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../src/services/platform/config/config-error.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';
import {
  createSealing,
  SealBroken,
  type Binding,
  type Sealed,
} from '../../../src/services/platform/sealing.ts';

const keyOf = (id: string, fill: number) => ({ id, secret: new Uint8Array(32).fill(fill) });
const OLD = keyOf('old', 1);
const NEW = keyOf('new', 2);
const sealing = createSealing([NEW, OLD], randomBytes);
const before = createSealing([OLD], randomBytes);

const ADA = '0198c0de-0000-7000-8000-000000000001';
const ROW = '0198c0de-0000-7000-8000-000000000002';
const binding: Binding = { purpose: 'credential', ownerId: ADA, rowId: ROW };
const opening = (sealed: Sealed, bound = binding) => {
  return () => sealing.open(sealed, bound);
};
/** Every character that there is, and no half of a pair. */
const text = fc.string({ unit: 'binary' });

/**
 * Computed with another implementation: AESGCM and HKDF of Python's cryptography 48. They hold what is
 * stored today for the programs of later years.
 */
const KNOWN = [
  {
    secret: Buffer.alloc(32, 1),
    nonce: Uint8Array.from({ length: 12 }, (_, at) => at),
    keyId: 'first',
    bound: binding,
    plain: 'sk-a secret',
    sealed: '000102030405060708090a0b72b222af5da0d6b1ae5e6abfef00f72665d34e028c340150418e9e',
  },
  {
    secret: Buffer.alloc(32, 1),
    nonce: Uint8Array.from({ length: 12 }, (_, at) => at),
    keyId: 'first',
    bound: { purpose: 'totp', ownerId: ADA, rowId: ADA },
    plain: '',
    sealed: '000102030405060708090a0b2c557840944aea1e4d5aa692c632ac9c',
  },
  {
    secret: Uint8Array.from({ length: 64 }, (_, at) => at),
    nonce: new Uint8Array(12).fill(255),
    keyId: '2026-11',
    bound: { purpose: 'ai-provider', ownerId: 'platform', rowId: 'openai' },
    plain: '{"key":"Schlüssel 🔑"}',
    sealed:
      'ffffffffffffffffffffffffc08ab513658cee29302de5deaccd928c8ce8bffed08e350155b46d3d29dc5d1b321d99582c8d425cce',
  },
] as const;

describe.each(KNOWN)('the known answer of $bound.purpose', (known) => {
  const { secret, nonce, keyId, bound, plain, sealed } = known;
  const one = createSealing([{ id: keyId, secret }], () => nonce);

  test('is what is sealed', () => {
    const { keyId: usedId, bytes } = one.seal(plain, bound);
    expect({ usedId, hex: Buffer.from(bytes).toString('hex') }).toEqual({
      usedId: keyId,
      hex: sealed,
    });
  });

  test('is opened, by Web Crypto too', async () => {
    const bytes = Buffer.from(sealed, 'hex');
    expect(one.open({ keyId, bytes }, bound)).toBe(plain);
    expect(await openByWebCrypto(known, bytes)).toBe(plain);
  });
});

/** What is stored, opened with nothing of ours: HKDF-SHA-256, then AES-256-GCM. */
async function openByWebCrypto(
  { secret, keyId, bound }: (typeof KNOWN)[number],
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const { subtle } = webcrypto;
  const info = new TextEncoder().encode('tradegraph sealing 1');
  const given = await subtle.importKey('raw', Uint8Array.from(secret), 'HKDF', false, [
    'deriveKey',
  ]);
  const key = await subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info },
    given,
    { name: 'AES-GCM', length: 256 },
    false,
    ['decrypt'],
  );
  const { purpose, ownerId, rowId } = bound;
  const additionalData = new TextEncoder().encode(
    `["${keyId}","${purpose}","${ownerId}","${rowId}"]`,
  );
  const opened = await subtle.decrypt(
    { name: 'AES-GCM', iv: bytes.subarray(0, 12), additionalData },
    key,
    bytes.subarray(12),
  );
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(opened);
}

describe('what is sealed', () => {
  test('opens for whom it was sealed, whatever it is', () => {
    fc.assert(
      fc.property(text, text, text, text, (secret, purpose, ownerId, rowId) => {
        const bound = { purpose, ownerId, rowId };
        const sealed = sealing.seal(secret, bound);
        expect(sealing.open(sealed, bound)).toBe(secret);
        expect(sealed.bytes.length).toBe(12 + Buffer.byteLength(secret) + 16);
      }),
    );
  });

  test('has a nonce of its own, and so other bytes, each time', () => {
    const sealed = Array.from({ length: 1_000 }, () => sealing.seal('the same', binding).bytes);
    const noncesOf = sealed.map((bytes) => Buffer.from(bytes).toString('hex', 0, 12));
    expect(new Set(noncesOf).size).toBe(1_000);
  });

  test('is sealed with the first key, and opens with whichever sealed it', () => {
    const sealed = before.seal('a secret', binding);
    expect([sealed.keyId, before.sealingId(), sealing.sealingId()]).toEqual(['old', 'old', 'new']);
    expect(sealing.open(sealed, binding)).toBe('a secret');
    expect(sealing.seal('a secret', binding).keyId).toBe('new');
  });

  test('does not open with one bit flipped, wherever', () => {
    fc.assert(
      fc.property(text, fc.nat(), (secret, place) => {
        const { keyId, bytes } = sealing.seal(secret, binding);
        const flipped = Uint8Array.from(bytes);
        const bit = place % (bytes.length * 8);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(opening({ keyId, bytes: flipped })).toThrow(SealBroken);
      }),
    );
  });

  test('does not open when it was cut, at either end, or filled up', () => {
    const { keyId, bytes } = sealing.seal('a secret', binding);
    for (let size = 0; size < bytes.length; size += 1) {
      expect(opening({ keyId, bytes: bytes.subarray(0, size) })).toThrow(SealBroken);
      expect(opening({ keyId, bytes: bytes.subarray(bytes.length - size) })).toThrow(SealBroken);
    }
    expect(opening({ keyId, bytes: Buffer.concat([bytes, Buffer.alloc(1)]) })).toThrow(SealBroken);
  });

  test('does not open for another owner, row or purpose, however like', () => {
    fc.assert(
      fc.property(fc.tuple(text, text, text), fc.tuple(text, text, text), (one, other) => {
        fc.pre(one.some((part, at) => part !== other[at]));
        const bound = ([purpose, ownerId, rowId]: typeof one) => ({ purpose, ownerId, rowId });
        expect(opening(sealing.seal('a secret', bound(one)), bound(other))).toThrow(SealBroken);
      }),
    );
    // The parts are not run together: none of them takes from its neighbour.
    const sealed = sealing.seal('a secret', { purpose: 'a', ownerId: 'b","c', rowId: 'd' });
    expect(opening(sealed, { purpose: 'a', ownerId: 'b', rowId: 'c","d' })).toThrow(SealBroken);
  });

  test('does not open with another key, under whatever name', () => {
    const { keyId, bytes } = sealing.seal('a secret', binding);
    expect(opening({ keyId: 'old', bytes })).toThrow(SealBroken);
    const impostor = createSealing([keyOf('new', 3)], randomBytes);
    expect(() => impostor.open({ keyId, bytes }, binding)).toThrow(SealBroken);
    const renamed = createSealing([{ ...NEW, id: 'renamed' }], randomBytes);
    expect(() => renamed.open({ keyId: 'renamed', bytes }, binding)).toThrow(SealBroken);
  });
});

describe('a refusal', () => {
  test('names the key and the row, and nothing that is secret', () => {
    const sealed = sealing.seal('a secret', binding);
    const refusals = [
      opening({ ...sealed, keyId: 'lost' }),
      opening({ ...sealed, bytes: sealed.bytes.subarray(1) }),
    ].map((open) => {
      try {
        return open();
      } catch (error) {
        return error instanceof SealBroken ? error.message : 'another error';
      }
    });
    expect(refusals).toEqual([
      `The credential ${ROW} needs the key "lost".`,
      `The credential ${ROW} does not open with the key "new".`,
    ]);
  });

  test('comes for half a character, which would come back as another', () => {
    expect(() => sealing.seal('a \uD800', binding)).toThrow('whole characters');
  });

  test('names the variable where there is no key', () => {
    const empty = createSealing([], randomBytes);
    expect(() => empty.seal('a secret', binding)).toThrow(ConfigError);
    expect(() => empty.sealingId()).toThrow(/^VAULT_KEYS is not set/);
    expect(() => empty.open(sealing.seal('a', binding), binding)).toThrow(SealBroken);
  });
});
