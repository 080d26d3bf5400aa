import { describe, expect, test } from 'vitest';
import { createLimiter, LimiterFull } from '../../../src/services/platform/limiter.ts';

/** Work that ends when the test says so. */
function openWork() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { run: () => promise, resolve, reject };
}

describe('a limiter', () => {
  test('runs no more at once than it may, and the next in the order of the calls', async () => {
    const limiter = createLimiter({ runningMax: 2, waitingMax: 10 });
    const started: number[] = [];
    const works = [0, 1, 2, 3].map(openWork);
    const runs = works.map((work, index) =>
      limiter.run(() => {
        started.push(index);
        return work.run();
      }),
    );
    await Promise.resolve();
    expect(started).toEqual([0, 1]);
    works[1]?.resolve('second');
    await runs[1];
    await Promise.resolve();
    expect(started).toEqual([0, 1, 2]);
    for (const work of works) work.resolve('done');
    expect(await Promise.all(runs)).toEqual(['done', 'second', 'done', 'done']);
    expect(started).toEqual([0, 1, 2, 3]);
  });

  test('turns away who would wait too long, without running the work', async () => {
    const limiter = createLimiter({ runningMax: 1, waitingMax: 1 });
    const [first, second] = [openWork(), openWork()];
    const runs = [limiter.run(first.run), limiter.run(second.run)];
    let ran = false;
    const third = limiter.run(() => Promise.resolve((ran = true)));
    await expect(third).rejects.toThrow(LimiterFull);
    first.resolve('1');
    second.resolve('2');
    expect(await Promise.all(runs)).toEqual(['1', '2']);
    expect(ran).toBe(false);
  });

  test('gives the place of work that failed to the next', async () => {
    const limiter = createLimiter({ runningMax: 1, waitingMax: 1 });
    const first = openWork();
    const runs = [limiter.run(first.run), limiter.run(() => Promise.resolve('next'))];
    first.reject(new Error('broken'));
    await expect(runs[0]).rejects.toThrow('broken');
    expect(await runs[1]).toBe('next');
  });
});
