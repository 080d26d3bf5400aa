import { describe, expect, test } from 'vitest';
import { createReaderLine } from '../../../src/services/platform/event-log/reader-line.ts';

const DONE = { done: true, value: undefined };

describe('the line to a reader', () => {
  const create = () => {
    const told: string[] = [];
    const line = createReaderLine<number>({
      onAsk: () => void told.push('asked'),
      onEnd: async () => void told.push('ended'),
    });
    return { line, told };
  };

  test('gives items to those who ask, in their order', async () => {
    const { line, told } = create();
    const asked = [line.iterator.next(), line.iterator.next()];
    line.give(1);
    line.give(2);
    expect(await Promise.all(asked)).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ]);
    expect(told).toEqual(['asked', 'asked']);
  });

  test('ends all who wait when the reader returns, and ends once', async () => {
    const { line, told } = create();
    const asked = [line.iterator.next(), line.iterator.next()];
    expect(await line.iterator.return?.()).toEqual(DONE);
    expect(await line.iterator.return?.()).toEqual(DONE);
    expect(await Promise.all(asked)).toEqual([DONE, DONE]);
    expect(told.filter((word) => word === 'ended')).toHaveLength(1);
  });

  test('ends with the error that is thrown into it', async () => {
    const { line, told } = create();
    const asked = line.iterator.next();
    await expect(line.iterator.throw?.(new Error('stop'))).rejects.toThrow('stop');
    expect([await asked, told]).toEqual([DONE, ['asked', 'ended']]);
  });

  test('tells its reader once of the error that ended it, waiting or not', async () => {
    const { line: waited } = create();
    const asked = waited.iterator.next();
    waited.end(new Error('broken'));
    await expect(asked).rejects.toThrow('broken');
    expect(await waited.iterator.next()).toEqual(DONE);

    const { line: unwatched } = create();
    unwatched.end(new Error('broken'));
    await expect(unwatched.iterator.next()).rejects.toThrow('broken');
    expect(await unwatched.iterator.next()).toEqual(DONE);
  });
});
