import fc from 'fast-check';
import { expect, it } from 'vitest';
import { consecutive } from '../../../src/services/agents/export/consecutive.ts';

async function* each<Row>(rows: readonly Row[]): AsyncGenerator<Row> {
  for (const row of rows) yield await Promise.resolve(row);
}

it('parts rows where they differ from the first of the group, and loses none', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 })), async (rows) => {
      const groups: number[][] = [];
      for await (const { all } of consecutive(each(rows), (a, b) => a === b)) {
        const group: number[] = [];
        for await (const row of all) group.push(row);
        groups.push(group);
      }
      expect(groups.flat()).toEqual(rows);
      expect(groups.every((group) => new Set(group).size === 1)).toBe(true);
      const borders = groups.slice(1).map((group, index) => [groups[index]?.[0], group[0]]);
      expect(borders.every(([before, after]) => before !== after)).toBe(true);
    }),
  );
});
