import { describe, expect, it } from 'vitest';
import {
  addressKey,
  createEntryLimits,
  delayAfter,
} from '../../../src/services/accounts/entry-limits.ts';
import { RateLimited } from '../../../src/services/platform/errors.ts';
import { createRateLimits } from '../../../src/services/platform/rate-limits.ts';
import type { Timers } from '../../../src/services/platform/timers.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';

/** Waits pass at once, and are told. */
function house() {
  const delays: number[] = [];
  const timers: Timers = {
    every: () => () => undefined,
    after(delayMs, work) {
      delays.push(delayMs);
      work();
      return () => undefined;
    },
  };
  const config = {
    ...{ logInsPerAddress: 5, signUpsPerAddress: 2, refreshesPerAddress: 3 },
    ...{ linksPerAddress: 4, linksPerEmail: 2 },
  };
  return { delays, limits: createEntryLimits({ rateLimits: createRateLimits(), timers, config }) };
}

const at = (address: string | null) => anonymousViewer({ address });
const many = (count: number, work: () => Promise<unknown>) =>
  Promise.allSettled(Array.from({ length: count }, work));
const refused = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.filter((result) => result.status === 'rejected');

describe('log-ins from one address', () => {
  it('are five at most, however many begin at once', async () => {
    const { limits } = house();
    const results = await many(12, () => limits.beforeLogIn(at('192.0.2.1'), 'ada'));
    expect(refused(results)).toHaveLength(7);
    const error: unknown = await limits
      .beforeLogIn(at('192.0.2.1'), 'bob')
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RateLimited);
    expect((error as RateLimited).retryAfterSeconds).toBeGreaterThan(14 * 60);
    expect((error as RateLimited).retryAfterSeconds).toBeLessThanOrEqual(15 * 60);
    await limits.beforeLogIn(at('192.0.2.2'), 'ada');
  });

  it('begin anew with a right one', async () => {
    const { limits } = house();
    for (let round = 0; round < 3; round += 1) {
      await many(4, () => limits.beforeLogIn(at('192.0.2.1'), 'ada'));
      await limits.beforeLogIn(at('192.0.2.1'), 'ada');
      await limits.afterLogIn(at('192.0.2.1'));
    }
  });

  it('count for the whole /64 of an IPv6 address, and for IPv4 however it is written', () => {
    expect(addressKey('2001:db8:1:2::1')).toBe(addressKey('2001:db8:1:2:ffff:ffff:ffff:ffff'));
    expect(addressKey('2001:db8:1:2::1')).not.toBe(addressKey('2001:db8:1:3::1'));
    expect(addressKey('::ffff:192.0.2.1')).toBe(addressKey('192.0.2.1'));
    expect(addressKey(null)).toBe('unknown');
  });
});

describe('wrong log-ins for one name', () => {
  it('slow the answers down after twenty, and never lock the owner out', async () => {
    const { limits, delays } = house();
    for (let n = 0; n < 24; n += 1) {
      await limits.beforeLogIn(at(`192.0.2.${String(n)}`), 'ada');
    }
    // The 22nd to the 24th wait for the 21st to the 23rd wrong one: 250 ms, doubled each time.
    expect(delays).toEqual([250, 500, 1_000]);
    await limits.beforeLogIn(at('198.51.100.1'), 'ada');
    expect(delays.at(-1)).toBe(2_000);
    await limits.beforeLogIn(at('198.51.100.2'), 'bob');
    expect(delays).toHaveLength(4);
  });

  it('slow each other down when they come at once', async () => {
    const { limits, delays } = house();
    const all = Array.from({ length: 40 }, (_, n) =>
      limits.beforeLogIn(at(`192.0.2.${String(n)}`), 'ada'),
    );
    await Promise.all(all);
    // All but the first 21 wait: for 250 ms, 500, 1, 2 and 4 s, and the rest for 8.
    expect(delays.length).toBe(19);
    expect(delays.filter((delay) => delay === 8_000).length).toBe(14);
  });

  it('do not count those that were right', async () => {
    const { limits, delays } = house();
    for (let n = 0; n < 50; n += 1) {
      const viewer = at(`192.0.2.${String(n)}`);
      await limits.beforeLogIn(viewer, 'ada');
      await limits.afterRightPassword('ada');
    }
    expect(delays).toEqual([]);
  });

  it('cost eight seconds at most', () => {
    expect([20, 21, 22, 26, 27, 1_000].map(delayAfter)).toEqual([0, 250, 500, 8_000, 8_000, 8_000]);
  });
});

it('takes so many sign-ups from one address', async () => {
  const { limits } = house();
  expect(refused(await many(5, () => limits.beforeSignUp(at('192.0.2.1'))))).toHaveLength(3);
});

it('takes so many refreshed sessions from one address', async () => {
  const { limits } = house();
  expect(refused(await many(5, () => limits.beforeRefresh(at('192.0.2.1'))))).toHaveLength(2);
  await limits.beforeRefresh(at('192.0.2.2'));
});

describe('mails with a link', () => {
  it('are so many for one e-mail address, from wherever they are asked for', async () => {
    const { limits } = house();
    const ask = (n: number, email: string) =>
      limits.beforeMailedLink(at(`192.0.2.${String(n)}`), 'reset', email);
    await ask(1, 'ada@example.com');
    await ask(2, 'ada@example.com');
    await expect(ask(3, 'ada@example.com')).rejects.toThrow(RateLimited);
    await ask(3, 'bob@example.com');
    // To confirm an address is another matter.
    await limits.beforeMailedLink(at('192.0.2.9'), 'verification', 'ada@example.com');
  });

  it('are so many from one address, and so are the tokens that it brings', async () => {
    const { limits } = house();
    const ask = (n: number) => limits.beforeMailedLink(at('192.0.2.1'), 'reset', `${String(n)}@x`);
    expect(refused(await Promise.allSettled([1, 2, 3, 4, 5, 6].map(ask)))).toHaveLength(2);
    expect(refused(await many(6, () => limits.beforeLinkToken(at('192.0.2.1'))))).toHaveLength(2);
  });

  it('after a sign-up are so many for one e-mail address', async () => {
    const { limits } = house();
    const may = [];
    for (let n = 0; n < 4; n += 1) may.push(await limits.mayMailAfterSignUp('ada@example.com'));
    expect(may).toEqual([true, true, false, false]);
  });
});
