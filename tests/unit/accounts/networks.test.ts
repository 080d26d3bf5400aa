import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isWithin, parseNetwork } from '../../../src/services/accounts/networks.ts';

describe('a network', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7/32'],
    [' 192.0.2.7 ', '192.0.2.7/32'],
    ['198.51.100.77/24', '198.51.100.0/24'],
    ['10.255.255.255/9', '10.128.0.0/9'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8:0:0::1', '2001:db8::1/128'],
    ['2001:db8:ffff::/33', '2001:db8:8000::/33'],
    ['::/0', '::/0'],
    ['::ffff:192.0.2.7', '192.0.2.7/32'],
  ])('%j is written %j', (given, expected) => {
    expect(parseNetwork(given)).toBe(expected);
  });

  test.each([
    ...['', '192.0.2', '127.1', '0x7f.0.0.1', '0300.0.2.1', '192.0.2.7/33', '192.0.2.7/-1'],
    ...['192.0.2.7/', '192.0.2.7/24/8', '2001:db8::/129', '::ffff:192.0.2.7/96', 'fe80::1%eth0'],
    ...['localhost', '192.0.2.7 192.0.2.8', '192.0.2.7\u0000'],
  ])('%j is none', (given) => {
    expect(parseNetwork(given)).toBeUndefined();
  });

  test('is the same once it is written', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.nat({ max: 32 }), (address, bits) => {
        const network = parseNetwork(`${address}/${String(bits)}`) ?? '';
        expect(parseNetwork(network)).toBe(network);
        expect(isWithin(address, [network])).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), fc.nat({ max: 128 }), (address, bits) => {
        const network = parseNetwork(`${address}/${String(bits)}`);
        fc.pre(network !== undefined);
        expect(parseNetwork(network)).toBe(network);
      }),
    );
  });
});

describe('an address', () => {
  const networks = ['192.0.2.0/24', '2001:db8::/32'];

  test.each(['192.0.2.0', '192.0.2.255', '::ffff:192.0.2.9', '2001:db8:ffff::1'])(
    '%s lies within',
    (address) => {
      expect(isWithin(address, networks)).toBe(true);
    },
  );

  test.each([null, '', '192.0.3.0', '192.0.1.255', '2001:db9::', 'unknown', '192.0.2.1, 10.0.0.1'])(
    '%s does not',
    (address) => {
      expect(isWithin(address, networks)).toBe(false);
    },
  );

  test('of one bit more or less lies outside', () => {
    // 2^8 addresses: those whose first 24 bits are the same.
    fc.assert(
      fc.property(fc.nat({ max: 0xffffffff }), (number) => {
        const address = [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');
        expect(isWithin(address, ['192.0.2.0/24'])).toBe(number >>> 8 === 0xc00002);
      }),
    );
  });
});
