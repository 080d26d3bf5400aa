import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { readEach } from '../../../src/services/platform/direct-iterator.ts';
import { createReaderLine } from '../../../src/services/platform/event-log/reader-line.ts';
import { openLater } from '../../../src/services/platform/live-iterator.ts';

/** A stream that gives what is put into it: at once to a reader who waits. */
function createSource() {
  const waiting: number[] = [];
  const told: string[] = [];
  const line = createReaderLine<number>({
    onAsk() {
      while (line.isWaiting()) {
        const item = waiting.shift();
        if (item === undefined) return;
        line.give(item);
      }
    },
    onEnd: async () => void told.push('ended'),
  });
  const put = (item: number): void => {
    if (line.isWaiting()) line.give(item);
    else waiting.push(item);
  };
  return { line, put, waiting, told, stream: line.iterator };
}

describe('reading each item of a stream', () => {
  test('happens in the turn in which it is given', async () => {
    const { line, put, stream } = createSource();
    const seen: number[] = [];
    const reading = readEach(stream, (item) => seen.push(item) > 0);
    put(1);
    put(2);
    expect(seen).toEqual([1, 2]);
    line.end();
    await reading;
  });

  test('goes through a stream that is opened later, behind what was there first', async () => {
    const { line, put, stream } = createSource();
    const seen: number[] = [];
    const opened = openLater(async () => ({ first: [1, 2], rest: stream }));
    const reading = readEach(opened, (item) => seen.push(item) > 0);
    await setImmediate();
    expect(seen).toEqual([1, 2]);
    put(3);
    expect(seen).toEqual([1, 2, 3]);
    line.end();
    await reading;
  });

  test('takes as much as waits already, however much that is', async () => {
    const { line, put, stream } = createSource();
    const count = 100_000;
    for (let item = 0; item < count; item += 1) put(item);
    let seen = 0;
    const reading = readEach(stream, () => {
      seen += 1;
      return true;
    });
    expect(seen).toBe(count);
    line.end();
    await reading;
  });

  test('waits for a handler that is not done, and leaves what comes meanwhile', async () => {
    const { line, put, waiting, stream } = createSource();
    const seen: number[] = [];
    const done = Promise.withResolvers<boolean>();
    const reading = readEach(stream, (item) => {
      seen.push(item);
      return item === 1 ? done.promise : true;
    });
    for (const item of [1, 2, 3]) put(item);
    expect([seen, waiting]).toEqual([[1], [2, 3]]);
    done.resolve(true);
    await setImmediate();
    expect(seen).toEqual([1, 2, 3]);
    line.end();
    await reading;
  });

  test.each([
    ['at once', false],
    ['later', Promise.resolve(false)],
  ])('stops when its handler says so %s, and reads nothing more', async (_when, answer) => {
    const { put, waiting, stream } = createSource();
    put(1);
    put(2);
    await readEach(stream, () => answer);
    expect(waiting).toEqual([2]);
  });

  test('fails with what its handler throws, now or later, or its source fails with', async () => {
    const [one, two, three] = [createSource(), createSource(), createSource()];
    const failing = [
      readEach(one.stream, () => {
        throw new Error('thrown');
      }),
      readEach(two.stream, () => Promise.reject(new Error('rejected'))),
      readEach(three.stream, () => true),
    ];
    const outcomes = Promise.allSettled(failing);
    one.put(1);
    two.put(1);
    three.line.end(new Error('of the source'));
    const reasons = (await outcomes).map(
      (outcome): unknown => 'reason' in outcome && outcome.reason,
    );
    expect(reasons.map(String)).toEqual([
      'Error: thrown',
      'Error: rejected',
      'Error: of the source',
    ]);
  });

  test('ends with a stream that is closed while it waits', async () => {
    const { stream, told } = createSource();
    const opened = openLater(async () => ({ first: [], rest: stream }));
    const reading = readEach(opened, () => true);
    await setImmediate();
    await opened.return?.();
    await reading;
    expect(told).toEqual(['ended']);
  });

  test('reads an iterator that knows nothing of it as well', async () => {
    async function* numbers() {
      yield 1;
      yield await Promise.resolve(2);
    }
    const seen: number[] = [];
    await readEach(numbers(), (item) => seen.push(item) > 0);
    expect(seen).toEqual([1, 2]);
  });
});
