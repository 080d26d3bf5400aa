import { describe, expect, test } from 'vitest';
import {
  createSignUpRisks,
  isDisposableDomain,
  networkOf,
} from '../../../src/services/accounts/sign-up-risks.ts';
import { createRateLimits } from '../../../src/services/platform/rate-limits.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';

const risksOf = (perNetwork: number, perDomain: number) =>
  createSignUpRisks({ rateLimits: createRateLimits(), config: { perNetwork, perDomain } });
const at = (address: string | null) => anonymousViewer({ address });

describe('a sign-up', () => {
  test('is flagged past so many from one network, whatever the address in it', async () => {
    const risks = risksOf(2, 100);
    const assess = (address: string, n: number) => risks.assess(at(address), `a@house${n}.example`);
    expect(await assess('192.0.2.1', 1)).toEqual([]);
    expect(await assess('192.0.2.99', 2)).toEqual([]);
    expect(await assess('192.0.2.200', 3)).toEqual(['VELOCITY']);
    expect(await assess('192.0.3.1', 4)).toEqual([]);
    expect(await assess('::ffff:192.0.2.7', 5)).toEqual(['VELOCITY']);
  });

  test('is flagged past so many with one domain, from wherever', async () => {
    const risks = risksOf(100, 2);
    const assess = (n: number, domain: string) =>
      risks.assess(at(`198.51.${n}.1`), `person${n}@${domain}`);
    expect(await assess(1, 'house.example')).toEqual([]);
    expect(await assess(2, 'house.example')).toEqual([]);
    expect(await assess(3, 'house.example')).toEqual(['VELOCITY']);
    expect(await assess(4, 'other.example')).toEqual([]);
  });

  test('counts for both, although the first of them flags it already', async () => {
    const risks = risksOf(1, 2);
    const assess = (address: string) => risks.assess(at(address), 'a@house.example');
    await assess('192.0.2.1');
    expect(await assess('192.0.2.1')).toEqual(['VELOCITY']);
    expect(await assess('203.0.113.1')).toEqual(['VELOCITY']);
  });

  test('from no known address counts for its domain alone', async () => {
    const risks = risksOf(1, 100);
    for (let n = 0; n < 3; n += 1) {
      expect(await risks.assess(at(null), `a@house${n}.example`)).toEqual([]);
    }
  });

  test('with a disposable address is flagged as such', async () => {
    const risks = risksOf(100, 100);
    expect(await risks.assess(at('192.0.2.1'), 'a@mailinator.com')).toEqual(['DISPOSABLE_EMAIL']);
  });
});

test.each([
  ['mailinator.com', true],
  ['anything.mailinator.com', true],
  ['mailinator.com.example', false],
  ['gmail.com', false],
  ['com', false],
  ['', false],
])('the domain %j is disposable: %j', async (domain, expected) => {
  expect(await isDisposableDomain(domain)).toBe(expected);
});

test.each([
  ['192.0.2.7', 'c00002'],
  ['::ffff:192.0.2.255', 'c00002'],
  ['2001:db8:1:2:3::4', '20010db80001'],
  ['no address', undefined],
  [null, undefined],
])('the network of %j is %j', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
