import { describe, expect, test } from 'vitest';
import { createKnownInstruments } from '../../../src/services/market/known-instruments.ts';
import type { Instrument } from '../../../src/services/platform/prisma/client.ts';
import { createFixedClock } from '../../support/fixed-clock.ts';

const rowOf = (id: string, name = id): Instrument => ({ id, name }) as Instrument;

/** A memory, and what was read through it. */
function openMemory() {
  const clock = createFixedClock('2026-03-02T10:00:00Z');
  const memory = createKnownInstruments({ clock });
  const reads: (readonly string[])[] = [];
  let name: string | undefined;
  return {
    clock,
    reads,
    rename(to: string) {
      name = to;
    },
    async ask(...ids: string[]) {
      const rows = await memory.byIds(ids, (missing) => {
        reads.push(missing);
        const there = missing.filter((id) => !id.startsWith('none'));
        return Promise.resolve(there.map((id) => rowOf(id, name)));
      });
      return rows.map((row) => row.name);
    },
  };
}

describe('instruments that are known', () => {
  test('are read once, with only those that are missing', async () => {
    const { ask, reads } = openMemory();
    expect(await ask('a', 'b')).toEqual(['a', 'b']);
    expect(await ask('b', 'c', 'a')).toEqual(['b', 'a', 'c']);
    expect(await ask('a', 'b', 'c')).toEqual(['a', 'b', 'c']);
    expect(reads).toEqual([['a', 'b'], ['c']]);
  });

  test('are read again after two seconds', async () => {
    const { ask, clock, rename, reads } = openMemory();
    await ask('a');
    rename('Acme');
    clock.advance(1.999);
    expect(await ask('a')).toEqual(['a']);
    clock.advance(0.001);
    expect(await ask('a')).toEqual(['Acme']);
    expect(reads).toHaveLength(2);
  });

  test('that are not there are asked for each time: one may come', async () => {
    const { ask, reads } = openMemory();
    expect(await ask('none')).toEqual([]);
    expect(await ask('none')).toEqual([]);
    expect(reads).toHaveLength(2);
  });

  test('are no more than ten thousand: the one read longest ago goes', async () => {
    const { ask, reads } = openMemory();
    await ask(...Array.from({ length: 10_001 }, (_, number) => `i${number}`));
    await ask('i1', 'i10000');
    expect(reads).toHaveLength(1);
    await ask('i0');
    expect(reads.at(-1)).toEqual(['i0']);
  });

  test('cannot be changed by one who got them', async () => {
    const memory = createKnownInstruments({ clock: createFixedClock('2026-03-02T10:00:00Z') });
    const [row] = await memory.byIds(['a'], () => Promise.resolve([rowOf('a')]));
    expect(() => Object.assign(row ?? {}, { name: 'other' })).toThrow(TypeError);
  });
});
