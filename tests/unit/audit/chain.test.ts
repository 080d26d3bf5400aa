import fc from 'fast-check';
import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  epochText,
  hashRecord,
  joinParts,
  type StoredRecord,
} from '../../../src/services/audit/canonical.ts';
import {
  CHAIN_START,
  checkLink,
  makeSeal,
  toHex,
  type ChainPoint,
  type Link,
  type Seal,
} from '../../../src/services/audit/chain.ts';
import { createKeyring } from '../../../src/services/audit/keyring.ts';

const SECRET = Buffer.alloc(32, 'secret');
const keyring = createKeyring([
  { id: 'new', secret: SECRET },
  { id: 'old', secret: Buffer.alloc(32, 'older') },
]);

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('', '-', ',', '1:a,', '-,'));
const maybe = fc.option(text);
const record: fc.Arbitrary<StoredRecord> = fc.record({
  id: fc.uuid(),
  occurredAt: fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => `${seconds}.000001`),
  actorId: fc.option(fc.uuid()),
  ...{ action: text, targetType: text, targetId: maybe, before: maybe, after: maybe },
  ...{ address: maybe, userAgent: maybe, requestId: maybe },
});

function chainOf(records: readonly StoredRecord[]): Link[] {
  const links: Link[] = [];
  let previous: ChainPoint = CHAIN_START;
  for (const stored of records) {
    const seal = makeSeal(keyring, previous, { record: stored, sealedAt: '1772366400.123000' });
    links.push({ seal, record: stored });
    previous = seal;
  }
  return links;
}

/** Where the first broken link stands, from 0; undefined when all hold. */
function firstBroken(links: readonly Link[]): number | undefined {
  let previous: ChainPoint = CHAIN_START;
  for (const [index, link] of links.entries()) {
    if (checkLink(keyring, previous, link)) return index;
    previous = link.seal;
  }
  return undefined;
}

/** The bytes with one of their bits turned over. */
function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Buffer.from(bytes);
  const index = Math.floor(bit / 8) % copy.length;
  copy[index] = (copy[index] ?? 0) ^ (1 << (bit % 8));
  return copy;
}

describe('the canonical form', () => {
  it('is as written down: netstrings, a dash for null', () => {
    expect(joinParts(['a', null, '', 'Ä,1:'])).toBe('1:a,-,0:,5:Ä,1:,');
  });

  it('tells parts apart whatever is in them', () => {
    const parts = fc.array(maybe, { maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(joinParts(one) === joinParts(other)).toBe(isSame);
      }),
    );
  });

  it('gives the hash and the seal that anyone can compute by hand', () => {
    const stored: StoredRecord = {
      id: '0195503d-0000-7000-8000-000000000000',
      occurredAt: '1772366400.123456',
      ...{ actorId: null, action: 'user.logged-in', targetType: 'Session', targetId: 'x' },
      ...{ before: null, after: '{"a": 1}', address: '::1', userAgent: '', requestId: null },
    };
    const form =
      '25:tradegraph audit record 1,36:0195503d-0000-7000-8000-000000000000,17:1772366400.123456,-,14:user.logged-in,' +
      '7:Session,1:x,-,8:{"a": 1},3:::1,0:,-,';
    const hash = createHash('sha256').update(form).digest('hex');
    expect(toHex(hashRecord(stored))).toBe(hash);

    const link =
      `23:tradegraph audit seal 1,64:${'0'.repeat(64)},1:1,1:1,3:new,17:1772366401.000000,` +
      `36:${stored.id},64:${hash},`;
    const seal = makeSeal(keyring, CHAIN_START, { record: stored, sealedAt: '1772366401.000000' });
    expect(toHex(seal.seal)).toBe(createHmac('sha256', SECRET).update(link).digest('hex'));
  });

  it.each([
    ['1970-01-01T00:00:00.000Z', '0.000000'],
    ['2026-03-01T12:00:00.007Z', '1772366400.007000'],
  ])('writes the time %s as PostgreSQL does: %s', (time, expected) => {
    expect(epochText(new Date(time))).toBe(expected);
  });
});

describe('a chain', () => {
  const records = fc.array(record, { minLength: 1, maxLength: 6 });
  const place = fc.nat();

  it('holds as it was made', () => {
    fc.assert(fc.property(records, (stored) => firstBroken(chainOf(stored)) === undefined));
  });

  it('shows every change of a record at that record', () => {
    const fields = fc.constantFrom(...(Object.keys(fc.sample(record, 1)[0] ?? {}) as ['id']));
    fc.assert(
      fc.property(records, place, fields, maybe, (stored, at, field, value) => {
        const links = chainOf(stored);
        const index = at % links.length;
        const changed = { ...stored[index], [field]: value } as StoredRecord;
        const isSame = stored[index]?.[field] === value;
        const broken = firstBroken(
          links.with(index, { ...(links[index] as Link), record: changed }),
        );
        expect(broken).toBe(isSame ? undefined : index);
      }),
    );
  });

  it('shows every bit that is turned over in a seal', () => {
    const change = fc.oneof(
      fc.nat().map((bit) => (seal: Seal) => ({ seal: flipped(seal.seal, bit) })),
      fc.nat().map((bit) => (seal: Seal) => ({ recordHash: flipped(seal.recordHash, bit) })),
      fc.constant((seal: Seal) => ({ keyId: seal.keyId === 'new' ? 'old' : 'new' })),
      fc.constant((seal: Seal) => ({ form: seal.form + 1 })),
      fc.constant((seal: Seal) => ({ sequence: seal.sequence + 1n })),
      fc.constant((seal: Seal) => ({ sealedAt: `${seal.sealedAt.slice(0, -1)}1` })),
      fc.uuid().map((recordId) => () => ({ recordId })),
    );
    fc.assert(
      fc.property(records, place, change, (stored, at, changeOf) => {
        const links = chainOf(stored);
        const index = at % links.length;
        const { seal, record: same } = links[index] as Link;
        const changed = { seal: { ...seal, ...changeOf(seal) }, record: same };
        expect(firstBroken(links.with(index, changed))).toBe(index);
      }),
    );
  });

  it('shows a link that is missing, unless it is the last, and two that changed places', () => {
    fc.assert(
      fc.property(fc.uniqueArray(record, { minLength: 2, maxLength: 6 }), place, (stored, at) => {
        const links = chainOf(stored);
        const index = at % (links.length - 1);
        expect(firstBroken(links.toSpliced(index, 1))).toBe(index);
        const [one, other] = [links[index] as Link, links[index + 1] as Link];
        const swapped = [
          { ...other, seal: { ...other.seal, sequence: one.seal.sequence } },
          { ...one, seal: { ...one.seal, sequence: other.seal.sequence } },
        ];
        expect(firstBroken(links.toSpliced(index, 2, ...swapped))).toBe(index);
      }),
    );
  });
});
