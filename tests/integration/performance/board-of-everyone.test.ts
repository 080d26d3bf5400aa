import { expect, it } from 'vitest';
import { Forbidden, Unauthenticated } from '../../../src/services/platform/errors.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';
import { openDeletionHouse } from '../accounts/deletion-house.ts';
import { decimal } from '../../support/trading-floor.ts';

const { database, graph, person } = await openDeletionHouse();
const { leaderboard, models } = graph.app.services;
await database.query(
  `INSERT INTO instruments (id, symbol, name, asset_class, currency, zone, tick_size, lot_size,
     is_tradable, source, fee_bps, created_at)
   VALUES (gen_random_uuid(), 'ACME.SIM', 'Acme', 'STOCK', 'USD', 'UTC', 0.01, 1, true, 'SIMULATED', 0,
     now())`,
);
const [owner, admin, stranger] = [
  await person('USER'),
  await person('ADMIN'),
  await person('USER'),
];
for (const visibility of ['PRIVATE', 'PUBLIC'] as const) {
  await models.create(owner.viewer(), {
    ...{ name: visibility, universe: ['ACME.SIM'], startingCash: decimal(1_000), prompt: '' },
    ...{ intervalSeconds: 60, visibility, logVisibility: 'PRIVATE', idempotencyKey: visibility },
  });
}
const namesOf = async (board: ReturnType<typeof leaderboard.read>) =>
  (await board).entries.map(({ modelName }) => modelName).sort();

it('shows administrators private models too, and nobody else', async () => {
  const everyones = { scope: 'ALL' } as const;
  expect(await namesOf(leaderboard.read(admin.viewer(), everyones))).toEqual(['PRIVATE', 'PUBLIC']);
  expect(await namesOf(leaderboard.read(admin.viewer()))).toEqual(['PUBLIC']);
  expect(await namesOf(leaderboard.read(anonymousViewer()))).toEqual(['PUBLIC']);
  await expect(leaderboard.read(owner.viewer(), everyones)).rejects.toThrow(Forbidden);
  await expect(leaderboard.read(anonymousViewer(), everyones)).rejects.toThrow(Unauthenticated);
});

it('is no way past row-level security: its function shows what the viewer may see', async () => {
  const seen = (viewer: ReturnType<typeof anonymousViewer>) =>
    database.server.withViewer(
      viewer,
      (tx) => tx.$queryRaw`SELECT model_name FROM board_equity(now(), NULL, false) ORDER BY 1`,
    );
  expect(await seen(stranger.viewer())).toEqual([]);
  expect(await seen(anonymousViewer())).toEqual([]);
  const own = [{ model_name: 'PRIVATE' }, { model_name: 'PUBLIC' }];
  expect(await seen(owner.viewer())).toEqual(own);
  expect(await seen(admin.viewer())).toEqual(own);
});
