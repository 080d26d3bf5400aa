import { expect, it } from 'vitest';
import { encodeCursor } from '../../src/services/platform/event-log/cursor.ts';
import { judge, type Following } from './soak/judgement.ts';
import { soak } from './soak/soak.ts';

// The long form: `npm run test:soak -- --minutes 10 --clients 500`.
const SHORT = { minutes: 0.25, clients: 20, servers: 2, workers: 1, seed: 20_261_122 };

it('loses, doubles and mixes up nothing while Redis, a server and connections break', async () => {
  const result = await soak({ ...SHORT, redisRestarts: 1, serverKills: 1 });
  expect(result).toMatchObject({ lost: 0, doubled: 0, foreign: 0, disordered: 0, gaps: 0 });
  // That something was traded, and that something broke.
  expect(result.trades).toBeGreaterThan(10);
  expect(result.resumptions).toBeGreaterThanOrEqual(SHORT.clients / 2);
}, 600_000);

it('would find what is lost, doubled, disordered, and of somebody else', () => {
  const owners = new Map([
    ...(['a1', 'a2', 'a3'] as const).map((id) => [id, 'ada'] as const),
    ...(['b1', 'b2'] as const).map((id) => [id, 'bob'] as const),
  ]);
  const told = (
    userId: string,
    ...trades: readonly (readonly [id: string, position: bigint])[]
  ): Following => ({
    userId,
    follower: {
      trades: trades.map(([tradeId, position]) => ({
        ...{ tradeId, cursor: encodeCursor(position), runId: null, clientOrderId: null },
      })),
      ...{ gaps: [], resumptions: 0 },
    },
  });
  const judged = (...followings: readonly Following[]) => {
    const { lost, doubled, foreign, disordered } = judge(followings, {
      made: new Map([...owners].filter(([id]) => id !== 'a3')),
      known: owners,
    });
    return { lost, doubled, foreign, disordered };
  };
  const well = { lost: 0, doubled: 0, foreign: 0, disordered: 0 };
  // What was made meanwhile may be told, and need not.
  const [a1, a2, a3] = [
    ['a1', 1n],
    ['a2', 3n],
    ['a3', 5n],
  ] as const;
  expect(
    judged(told('ada', a1, a2, a3), told('ada', a1, a2), told('bob', ['b1', 2n], ['b2', 4n])),
  ).toEqual(well);
  expect(judged(told('ada', a1))).toEqual({ ...well, lost: 1 });
  expect(judged(told('ada', a1, a1, a2))).toEqual({ ...well, doubled: 1 });
  expect(judged(told('ada', a2, a1))).toEqual({ ...well, disordered: 1 });
  expect(judged(told('ada', a1, ['b1', 2n], a2))).toEqual({ ...well, foreign: 1 });
  // One that is in no table is nobody's.
  expect(judged(told('ada', a1, a2, ['unknown', 9n]))).toEqual({ ...well, foreign: 1 });
});
