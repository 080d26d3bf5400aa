import { describe, expect, it } from 'vitest';
import type { PostOutcome } from '../../../src/services/platform/outside-post.ts';
import { FAILURES, failureOf, type Failure } from '../../../src/services/webhooks/failures.ts';
import { ATTEMPTS_MAX, pauseAfter } from '../../../src/services/webhooks/retries.ts';

const now = new Date('2026-11-22T12:00:00Z');
const refused: Failure = { code: 'BAD_STATUS', message: FAILURES.BAD_STATUS };
const answered = (status: number, retryAfter?: string): PostOutcome & { kind: 'ANSWERED' } => ({
  ...{ kind: 'ANSWERED', status, retryAfter },
});

describe('the pause after a failure', () => {
  // 5 s · 4ⁿ, and never more than 6 h.
  it.each([
    ...[[1, 5] as const, [2, 20] as const, [3, 80] as const, [4, 320] as const],
    ...[[5, 1_280] as const, [6, 5_120] as const, [7, 20_480] as const],
    ...[[8, 21_600] as const, [9, 21_600] as const],
  ])('number %i is %i s', (attempt, seconds) => {
    expect(pauseAfter(refused, attempt, 0.5)).toBe(seconds * 1_000);
  });

  it('is up to a fifth shorter or longer', () => {
    expect(pauseAfter(refused, 1, 0)).toBe(4_000);
    expect(pauseAfter(refused, 1, 0.999_999_9)).toBe(6_000);
  });

  it('is none when it was the last one, or the receiver is gone', () => {
    expect(ATTEMPTS_MAX).toBe(10);
    expect(pauseAfter(refused, 10, 0.5)).toBeUndefined();
    expect(pauseAfter({ ...refused, code: 'GONE' }, 1, 0.5)).toBeUndefined();
    expect(pauseAfter({ ...refused, retryAfterMs: 1_000 }, 10, 0.5)).toBeUndefined();
  });

  it('is what the receiver asks for, from a second to six hours', () => {
    const asked = (retryAfterMs: number) => pauseAfter({ ...refused, retryAfterMs }, 1, 0.5);
    expect([asked(0), asked(90_000), asked(10 ** 12)]).toEqual([1_000, 90_000, 21_600_000]);
  });
});

describe('a failure', () => {
  it.each([200, 201, 202, 204, 299])('is none with the status %i', (status) => {
    expect(failureOf(answered(status), now)).toBeUndefined();
  });

  it.each([
    ...[[300, 'REDIRECTED'] as const, [301, 'REDIRECTED'] as const, [308, 'REDIRECTED'] as const],
    ...[[400, 'BAD_STATUS'] as const, [404, 'BAD_STATUS'] as const, [500, 'BAD_STATUS'] as const],
    ...[[410, 'GONE'] as const, [101, 'BAD_STATUS'] as const, [999, 'BAD_STATUS'] as const],
  ])('with the status %i is %s', (status, code) => {
    expect(failureOf(answered(status), now)).toEqual({
      ...{ code, message: `${FAILURES[code]} It answered with the status ${String(status)}.` },
    });
  });

  it.each([
    [429, '30', 30_000],
    [503, ' 0 ', 0],
    [503, 'Sun, 22 Nov 2026 12:01:00 GMT', 60_000],
    [503, 'Sun, 22 Nov 2026 11:00:00 GMT', 0],
    [503, 'soon', undefined],
    // A month, to who is not strict.
    [503, '-5', undefined],
    [429, undefined, undefined],
    [500, '30', undefined],
  ])('with %i and Retry-After: %s waits %s ms', (status, retryAfter, retryAfterMs) => {
    expect(failureOf(answered(status, retryAfter), now)?.retryAfterMs).toBe(retryAfterMs);
  });
});
