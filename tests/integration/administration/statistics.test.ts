import { describe, expect, it } from 'vitest';
import { Forbidden, Unauthenticated } from '../../../src/services/platform/errors.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';
import { leaveBroken } from '../../support/books-left.ts';
import { openDeletionHouse } from '../accounts/deletion-house.ts';

const { database, graph, person } = await openDeletionHouse();
// Trades and orders are put there to be counted, without positions and histories.
leaveBroken(
  database,
  ...['positions-are-the-sum-of-trades', 'trades-keep-the-position-they-left'],
  ...['positions-are-as-their-newest-trade-left-them', 'histories-lead-to-the-state'],
);
const { statistics } = graph.app.services;
const admin = await person('ADMIN');
const user = await person('USER');
const DAY = new Date('2026-03-01T00:00:00Z');
/** Past every wall, and past what rows have to fit: these are about counting. */
const insert = async (sql: string, values: readonly unknown[] = []) => {
  await database.query('SET session_replication_role = replica');
  await database.query(sql, values);
  await database.query('RESET session_replication_role');
};

await insert(
  `INSERT INTO instruments (id, symbol, name, asset_class, currency, zone, tick_size, lot_size,
     is_tradable, source, fee_bps, created_at)
   SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, 'S' || n, 'S', 'STOCK',
     (ARRAY['USD', 'CNY'])[n], 'UTC', 0.01, 1, true, 'SIMULATED', 0, now() FROM generate_series(1, 2) n`,
);
// At the last moment before the day, its first, its last, and the first of the next.
const AROUND = ['2026-02-28T23:59:59.999Z', '2026-03-01T00:00:00Z'];
const TIMES = [...AROUND, '2026-03-01T23:59:59.999Z', '2026-03-02T00:00:00Z'];
for (const [index, time] of TIMES.entries()) {
  const instrument = `00000000-0000-7000-8000-00000000000${String((index % 2) + 1)}`;
  await insert(
    `INSERT INTO orders (id, owner_id, account_id, instrument_id, client_order_id, side, type,
       time_in_force, quantity, status, filled_quantity, filled_notional, reserved, version, created_at,
       updated_at)
     SELECT gen_random_uuid(), $1, $1, $2, gen_random_uuid(), 'BUY', 'MARKET', 'GTC', 1, 'DENIED', 0, 0, 0,
       1, $3, now() FROM generate_series(1, 3)`,
    [user.id, instrument, time],
  );
  for (const source of ['PAPER', 'IMPORTED', 'CORRECTION']) {
    await insert(
      `INSERT INTO trades (id, owner_id, account_id, instrument_id, import_key, source, side, quantity,
         price, fee, cash_amount, realized_gross, position_quantity, position_cost, position_realized,
         executed_at, recorded_at)
       VALUES (gen_random_uuid(), $1, $1, $2, gen_random_uuid(), $4, 'BUY', 3, 100.25, 0, 0, 0, 0, 0, 0, $3,
         now())`,
      [user.id, instrument, time, source],
    );
  }
  await insert(
    `INSERT INTO audit_records (id, occurred_at, action, target_type)
     SELECT gen_random_uuid(), $1, action, 'User'
     FROM unnest(ARRAY['user.log-in-refused', 'user.change-refused', 'user.logged-in']) action`,
    [time],
  );
}

describe('the figures', () => {
  it('of a day count from midnight to midnight in UTC, without corrections', async () => {
    // Two of the four times are in it: 3 orders, 2 trades and 2 refusals each; 3 × 100.25 a trade, and one
    // time in each currency: 2 × 300.75 = 601.5.
    const figures = await statistics.day(admin.viewer(), new Date('2026-03-01T17:00:00Z'));
    expect(figures).toMatchObject({ date: DAY, orders: 6, trades: 4, refusals: 4 });
    const volumes = figures.volumes.map(({ currency, trades, volume }) => [
      ...[currency, trades, volume.toFixed()],
    ]);
    expect(volumes).toEqual([
      ['CNY', 2, '601.5'],
      ['USD', 2, '601.5'],
    ]);
    const empty = await statistics.day(admin.viewer(), new Date('1999-01-01T00:00:00Z'));
    expect(empty).toMatchObject({ orders: 0, trades: 0, volumes: [], refusals: 0 });
  });

  it('of a day count every kind of refusal', async () => {
    const day = '2026-02-01T12:00:00Z';
    const actions = [
      ...['api-key.creation-refused', 'api-key.refused', 'approved-emails.change-refused'],
      ...['mail.change-refused', 'settings.change-refused', 'user.change-refused'],
      ...['user.log-in-refused', 'user.password-refused', 'user.refresh-token-reused'],
      ...['kill-switch.change-refused', 'risk-limits.change-refused', 'user.second-factor-refused'],
    ];
    await insert(
      `INSERT INTO audit_records (id, occurred_at, action, target_type)
       SELECT gen_random_uuid(), $1, action, 'User' FROM unnest($2::text[]) action`,
      [day, [...actions, 'mail.retried']],
    );
    expect((await statistics.day(admin.viewer(), new Date(day))).refusals).toBe(12);
  });

  it('of people count each status and role, and the roles of those who are left', async () => {
    const [gone, waiting] = [await person('PREMIUM'), await person('VIEWER')];
    await database.query(`UPDATE users SET status = 'PENDING' WHERE id = $1`, [waiting.id]);
    await database.query(`UPDATE users SET status = 'DELETED' WHERE id = $1`, [gone.id]);
    const { byStatus, byRole } = await statistics.people(admin.viewer());
    expect(byStatus).toEqual([
      { of: 'ACTIVE', count: 2 },
      { of: 'DELETED', count: 1 },
      { of: 'PENDING', count: 1 },
    ]);
    expect(byRole).toEqual([
      { of: 'ADMIN', count: 1 },
      { of: 'USER', count: 1 },
      { of: 'VIEWER', count: 1 },
    ]);
  });

  it('of now count what runs, is open, waits and failed', async () => {
    await insert(
      `INSERT INTO models (id, owner_id, name, trader, provider, model_name, universe, starting_cash,
         currency, interval_seconds, status, visibility, log_visibility, version, created_at, updated_at)
       SELECT gen_random_uuid(), $1, 'M', 'MOMENTUM', 'p', 'm', '{}', 1, 'USD', 60, status::model_status,
         'PRIVATE', 'PRIVATE', 1, now(), now()
       FROM unnest(ARRAY['ACTIVE', 'ACTIVE', 'STOPPED', 'IDLE']) status`,
      [user.id],
    );
    // One that goes on, one that ran out, one that ended.
    await insert(
      `INSERT INTO sessions (id, owner_id, created_at, last_used_at, expires_at, revoked_at)
       SELECT gen_random_uuid(), $1, now(), now(), now() + hours * interval '1 hour',
         CASE WHEN hours = 2 THEN now() END
       FROM generate_series(-1, 2) hours WHERE hours <> 0`,
      [user.id],
    );
    await insert(
      `INSERT INTO mails (id, recipient, template, data, status, attempts, created_at, sent_at,
         next_attempt_at)
       SELECT gen_random_uuid(), 'a@b.example', 'account-approved', '{}', status::mail_status, 0, now(),
         CASE WHEN status = 'SENT' THEN now() END, CASE WHEN status = 'QUEUED' THEN now() END
       FROM unnest(ARRAY['QUEUED', 'FAILED', 'FAILED', 'SENT', 'DROPPED']) status`,
    );
    expect(await statistics.present(admin.viewer(), new Date())).toEqual({
      ...{ activeModels: 2, openSessions: 1, queuedMails: 1, failedMails: 2 },
    });
  });

  it('of storage add up to less than the whole, the largest table first', async () => {
    const { databaseBytes, tables } = await statistics.storage(admin.viewer());
    const sizes = tables.map(({ bytes }) => bytes);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(tables.map(({ name }) => name)).toContain('audit_records');
    expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(databaseBytes);
  });

  it('are for administrators, in the database too', async () => {
    for (const read of [
      () => statistics.people(user.viewer()),
      () => statistics.present(user.viewer(), new Date()),
      () => statistics.day(user.viewer(), DAY),
      () => statistics.storage(user.viewer()),
    ]) {
      await expect(read()).rejects.toThrow(Forbidden);
    }
    await expect(statistics.people(anonymousViewer())).rejects.toThrow(Unauthenticated);
    const seen = await database.server.withViewer(user.viewer(), async (tx) => [
      await tx.$queryRaw`SELECT * FROM people_figures()`,
      await tx.$queryRaw`SELECT * FROM present_figures(now())`,
      await tx.$queryRaw`SELECT * FROM day_figures('-infinity', 'infinity', '{}')`,
      await tx.$queryRaw`SELECT * FROM trading_figures('-infinity', 'infinity')`,
    ]);
    expect(seen).toEqual([[], [], [], []]);
  });
});
