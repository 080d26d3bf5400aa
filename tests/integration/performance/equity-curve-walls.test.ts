import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { anonymousViewer, userViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { OPENED, openRecordedCurve, shown } from '../../support/recorded-curve.ts';

const database = await createTestDatabase();
const { account, curves, market, owner, read } = await openRecordedCurve(database);

describe('the curve of a model', () => {
  let publicModel: string;
  let privateModel: string;
  beforeAll(async () => {
    publicModel = await market.addModel(owner);
    privateModel = await market.addModel(owner, { visibility: 'PRIVATE' });
    const older = { modelId: publicModel, startingCash: '1' };
    await market.openAt(owner, '2025-09-01T00:00:00Z', older);
    for (const modelId of [publicModel, privateModel]) {
      const { id } = await market.openAt(owner, OPENED, { modelId });
      await database.query(
        `INSERT INTO equity_points SELECT $1, at, owner_id, cash, cost, equity, oldest_mark_at
         FROM equity_points WHERE account_id = $2`,
        [id, account.id],
      );
    }
  });

  test('that is public is the same for anyone, and of its newest account', async () => {
    const query = { modelId: publicModel, benchmark: 'QQQ' };
    const own = await read(query);
    expect(own?.points.map(shown)).toHaveLength(5);
    expect(own?.points[0]?.equity.toFixed()).toBe('10000');
    const stranger = await market.addPerson();
    expect(await read(query, stranger)).toEqual(own);
    expect(await curves.read(anonymousViewer(), query)).toEqual(own);
  });

  test('that is private is for its owner alone', async () => {
    const query = { modelId: privateModel };
    expect((await read(query))?.pointCount).toBe(5);
    const stranger = await market.addPerson();
    const admin = userViewer({ userId: stranger.userId, role: 'ADMIN' });
    for (const someone of [stranger, admin, anonymousViewer()]) {
      expect(await curves.read(someone, query)).toBeNull();
    }
  });

  test('without an account is null', async () => {
    const bare = await market.addModel(owner);
    expect(await read({ modelId: bare })).toBeNull();
  });
});

describe('what is not to be seen', () => {
  test('is null like what never was, the accounts of public models included', async () => {
    const stranger = await market.addPerson();
    const admin = userViewer({ userId: stranger.userId, role: 'ADMIN' });
    const modelId = await market.addModel(owner);
    const ofPublic = await market.openAt(owner, OPENED, { modelId });
    for (const accountId of [account.id, ofPublic.id, randomUUID()]) {
      for (const someone of [stranger, admin, anonymousViewer()]) {
        expect(await curves.read(someone, { accountId })).toBeNull();
      }
    }
    expect(await read({ modelId: randomUUID() })).toBeNull();
    expect(await read({ accountId: modelId })).toBeNull();
  });

  test('stays behind the functions for anyone', async () => {
    await database.query('BEGIN');
    await database.query('SET LOCAL ROLE tradegraph_server');
    const answered = await database.query(
      `SELECT (SELECT count(*)::int FROM public_equity_series($1, '-infinity', 'infinity')) AS parts,
         (SELECT count(*)::int FROM public_equity_rows($1, '{2025-10-02T20:00:00Z}')) AS rows`,
      [account.id],
    );
    await database.query('ROLLBACK');
    expect(answered).toEqual([{ parts: 0, rows: 0 }]);
  });
});
