import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchesOf, inTurn, oneAhead } from '../../../../src/services/agents/import/read-ahead.ts';

/** Says what was begun and ended, in order. */
function sourcesOf(lists: readonly (readonly number[])[], failing?: number) {
  const told: string[] = [];
  const sources = lists.map(async function* (list, index) {
    told.push(`begin ${String(index)}`);
    try {
      for (const item of list) yield await Promise.resolve(item);
      if (index === failing) throw new Error(`Source ${String(index)} is broken.`);
    } finally {
      told.push(`end ${String(index)}`);
    }
  });
  return { told, sources };
}

async function collected<T>(items: AsyncIterable<T>, countMax = Infinity): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) {
    all.push(item);
    if (all.length >= countMax) break;
  }
  return all;
}

describe('sources in turn', () => {
  it('give all items in order, however many are begun ahead', async () => {
    const lists = fc.array(fc.array(fc.integer(), { maxLength: 4 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(lists, fc.nat({ max: 5 }), async (given, ahead) => {
        const { sources, told } = sourcesOf(given);
        expect(await collected(inTurn(sources, ahead))).toEqual(given.flat());
        expect(told.filter((what) => what.startsWith('end'))).toHaveLength(given.length);
      }),
    );
  });

  it('begin so many ahead and no more', async () => {
    const { sources, told } = sourcesOf([[1, 2], [3], [4], [5]]);
    expect(await collected(inTurn(sources, 2), 1)).toEqual([1]);
    expect(told.filter((what) => what.startsWith('begin'))).toHaveLength(3);
  });

  it('fail in their turn, with every other source closed', async () => {
    const { sources, told } = sourcesOf([[1], [2], [3], [4]], 1);
    const seen: number[] = [];
    const read = async () => {
      for await (const item of inTurn(sources, 3)) seen.push(item);
    };
    await expect(read()).rejects.toThrow('Source 1 is broken.');
    expect(seen).toEqual([1, 2]);
    expect(told.filter((what) => what.startsWith('end'))).toHaveLength(4);
  });

  it('leave nothing open behind a reader that stops early', async () => {
    const { sources, told } = sourcesOf([[1, 2, 3], [4], [5]]);
    await collected(inTurn(sources, 2), 2);
    expect(told.filter((what) => what.startsWith('end'))).toHaveLength(3);
  });
});

describe('items one ahead, in batches', () => {
  it('are all the items, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 9 })), async (given) => {
        const { sources } = sourcesOf([given]);
        const [source] = sources;
        if (!source) return;
        const batches = await collected(oneAhead(batchesOf(source, (item) => item, 10)));
        expect(batches.flat()).toEqual(given);
        const sum = (batch: readonly number[]) => batch.reduce((total, item) => total + item, 0);
        expect(batches.slice(0, -1).every((batch) => sum(batch) >= 10)).toBe(true);
      }),
    );
  });

  it('fail in their turn', async () => {
    const { sources } = sourcesOf([[1, 2]], 0);
    const [source] = sources;
    const seen: number[] = [];
    const read = async () => {
      if (source) for await (const item of oneAhead(source)) seen.push(item);
    };
    await expect(read()).rejects.toThrow('Source 0 is broken.');
    expect(seen).toEqual([1, 2]);
  });
});
