import { expect, test } from 'vitest';
import type { Order } from '../../../src/services/platform/prisma/client.ts';
import type { FillCommand } from '../../../src/services/trading/fill.ts';
import {
  createFillBatches,
  type FillBatchesPorts,
} from '../../../src/services/trading/fill-batches.ts';

const commandOf = (orderId: string, accountId: string) =>
  ({ orderId, accountId }) as unknown as FillCommand;
const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve));

test('no two fills of one account are in a transaction, nor at work at once', async () => {
  const transactions: string[][] = [];
  const gates: (() => void)[] = [];
  const workerDb = {
    pipeline: async (_viewer: unknown, work: (pipeline: unknown) => Promise<unknown>) => {
      const filled: string[] = [];
      transactions.push(filled);
      const result = await work({ ask: () => Promise.resolve([]), store: () => undefined, filled });
      await new Promise<void>((resolve) => void gates.push(resolve));
      return result;
    },
  } as unknown as FillBatchesPorts['workerDb'];
  const fill = createFillBatches({
    workerDb,
    runningMax: 1,
    fillOrder: (_pipeline, { orderId }) => {
      transactions.at(-1)?.push(orderId);
      return Promise.resolve({ kind: 'WAITING', order: { id: orderId } as Order });
    },
  });

  // The first is at work while the others come; b1 and b2 are of one account, and so are a1 and a2.
  const outcomes = [
    commandOf('a1', 'a'),
    commandOf('b1', 'b'),
    commandOf('b2', 'b'),
    commandOf('a2', 'a'),
    commandOf('c1', 'c'),
  ].map((command) => fill(command));
  for (const expected of [
    [['a1']],
    [['a1'], ['b1', 'a2', 'c1']],
    [['a1'], ['b1', 'a2', 'c1'], ['b2']],
  ]) {
    await turnOfTheLoop();
    expect(transactions).toEqual(expected);
    gates.shift()?.();
  }
  const orders = (await Promise.all(outcomes)).map(({ order }) => order.id);
  expect(orders).toEqual(['a1', 'b1', 'b2', 'a2', 'c1']);
});
