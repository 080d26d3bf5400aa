import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Condition } from '../../../src/services/platform/list-conditions.ts';
import { countListed, readListedPage } from '../../../src/services/platform/listed-page.ts';
import { selectionOf } from '../../../src/services/platform/model-columns.ts';
import { OrderStatus } from '../../../src/services/platform/prisma/enums.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';

const database = await createTestDatabase();
const viewer = userViewer({ userId: randomUUID(), role: 'USER' });
const ORDERS = { table: 'orders', select: selectionOf('Order'), timeField: 'createdAt' };
const page = { limit: 5, isBackward: false };

/** Reads pages one after the other, and tells what its connection keeps prepared. */
function preparedBy(lists: readonly (readonly Condition[])[]): Promise<readonly string[]> {
  return database.server.read(viewer, async (ask) => {
    for (const conditions of lists) {
      expect(await readListedPage(ask, ORDERS, { page, conditions })).toEqual({
        rows: [],
        hasMore: false,
      });
      expect(await countListed(ask, ORDERS, conditions)).toBe(0);
    }
    const kept = await ask<{ statement: string }>({
      text: 'SELECT statement FROM pg_prepared_statements',
      values: [],
    });
    return kept.map(({ statement }) => statement).filter((text) => text.includes('FROM orders'));
  });
}

const statuses = Object.values(OrderStatus);

test('lists that anyone may combine as they like are not kept on a connection', async () => {
  const combined = statuses.flatMap((one) =>
    statuses.filter((other) => other !== one).map((other) => [one, other]),
  );
  const lists = combined.map((anyOf): Condition[] => [{ field: 'status', anyOf }]);
  const times: Condition[][] = [
    [{ field: 'createdAt', from: new Date(0) }],
    [{ field: 'createdAt', before: new Date() }],
    [
      { field: 'side', anyOf: ['BUY'] },
      { field: 'status', anyOf: ['FILLED'] },
    ],
  ];
  expect(await preparedBy([...lists, ...times])).toEqual([]);
});

test('a list by one value is, once for all who ask so', async () => {
  const ofOne: Condition[] = [{ field: 'status', anyOf: ['FILLED'] }];
  // The page and its count.
  expect(await preparedBy([ofOne, ofOne])).toHaveLength(2);
});
