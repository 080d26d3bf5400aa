import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createHistoryBooking } from '../../../src/services/portfolio/history-booking.ts';
import { auditLedger } from '../../../src/services/portfolio/ledger-audit.ts';
import { AUDIT_RULES } from '../../../src/services/portfolio/audit-rules.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createExchange } from '../../support/exchange.ts';
import { createTradingFloor, decimal } from '../../support/trading-floor.ts';

const database = await createTestDatabase();
const floor = createTradingFloor(database);
const exchange = createExchange(database, floor, { orders: { firstNewsMs: 60_000 } });
const owner = await floor.addPerson();
const acme = await floor.addInstrument({ feeBps: decimal(10) });
const account = await floor.openAccount(owner, '10000');

// Books with everything in them: fills in part, a closed position, an open, a canceled, a denied order;
// a history with a short, corrections, and a trade for no cash.
await exchange.engine.start();
exchange.quote(acme);
const filled = await exchange.place(owner, account, { instrument: acme, quantity: '10' });
await exchange.place(owner, account, { instrument: acme, side: 'SELL', quantity: '10' });
await exchange.place(owner, account, { instrument: acme, quantity: '5' });
exchange.quote(acme, { askSize: '1' });
const open = await exchange.place(owner, account, { instrument: acme, quantity: '3' });
const canceled = await exchange.place(owner, account, { instrument: acme, quantity: '3' });
await exchange.orders.cancel(owner, { orderId: canceled.id, idempotencyKey: randomUUID() });
await expect(
  exchange.place(owner, account, { instrument: acme, quantity: '1000' }),
).rejects.toThrow(/is free/);
await exchange.engine.stop();
const past = await floor.openAccount(owner, '10000');
await database.worker.withViewer(systemViewer(), async (tx) => {
  const book = await createHistoryBooking(floor).open(tx, past);
  const trade = { instrument: acme, source: 'IMPORTED', price: decimal(10) } as const;
  const executedAt = floor.clock.now();
  const bought = { ...trade, side: 'BUY', quantity: decimal(10), executedAt } as const;
  book.trade({ ...bought, cashAmount: decimal('-100'), importKey: '1' });
  const sold = { ...trade, side: 'SELL', quantity: decimal(15), executedAt } as const;
  book.trade({ ...sold, cashAmount: decimal('160'), importKey: '2', source: 'CORRECTION' });
  book.trade({ ...bought, cashAmount: decimal('0'), importKey: '3' });
  book.correctCash({ amount: decimal('-60.01'), occurredAt: executedAt });
  await book.flush();
});
expect([filled.status, open.status]).toEqual(['FILLED', 'PARTIALLY_FILLED']);

const TABLES = [
  'accounts',
  'ledger_transfers',
  'ledger_entries',
  'positions',
  'orders',
  'order_events',
  'trades',
  'equity_points',
  'imported_rows',
];
/** Past triggers, foreign keys and every wall, as a fault of a disk or of a person would. */
const damage = async (sql: string) => {
  await database.query(`SET session_replication_role = replica`);
  await database.query(sql);
};
for (const table of TABLES) {
  await database.query(`CREATE TABLE kept_${table} AS TABLE ${table}`);
}
const restore = async () => {
  await database.query('ALTER TABLE ledger_entries ENABLE TRIGGER append_only');
  await damage(`TRUNCATE ${TABLES.join(', ')} CASCADE`);
  for (const table of TABLES) await damage(`INSERT INTO ${table} TABLE kept_${table}`);
};

test('books that were written by the services are clean, and every rule looked at something', async () => {
  const audit = await auditLedger(database.worker);
  expect(audit.checks.filter(({ brokenCount }) => brokenCount > 0)).toEqual([]);
  expect(audit.isClean).toBe(true);
  expect(audit.checks.map(({ name }) => name)).toEqual(AUDIT_RULES.map(({ name }) => name));
  expect(audit.checks.filter(({ checkedCount }) => checkedCount === 0)).toEqual([]);
});

describe('damage is found by its rule', () => {
  afterEach(restore);

  test.each([
    ['transfers-balance', `DELETE FROM ledger_entries WHERE ledger_account = 'FEES'`],
    ['transfers-balance', `UPDATE ledger_entries SET amount = amount + 1 WHERE line = 0`],
    ['cash-is-the-sum-of-its-entries', `UPDATE accounts SET cash = cash + 0.01`],
    ['starting-cash-was-deposited', `UPDATE accounts SET starting_cash = 1`],
    ['trades-moved-their-cash', `DELETE FROM ledger_transfers WHERE cause = 'FEE'`],
    ['trades-moved-their-cash', `UPDATE trades SET cash_amount = cash_amount - 1`],
    [
      'transfers-have-their-trade',
      `DELETE FROM trades WHERE id = (SELECT id FROM trades ORDER BY id LIMIT 1)`,
    ],
    ['positions-are-the-sum-of-trades', `UPDATE positions SET quantity = 7 WHERE quantity <> 0`],
    ['cost-and-realized-explain-cash', `UPDATE positions SET total_cost = 7 WHERE quantity <> 0`],
    ['realized-is-the-sum-of-trades', `UPDATE positions SET realized_pnl = realized_pnl + 1`],
    [
      'trades-keep-the-position-they-left',
      `UPDATE trades SET position_quantity = 3 WHERE id = (SELECT min(id::text)::uuid FROM trades)`,
    ],
    [
      'trades-keep-the-position-they-left',
      `UPDATE trades SET position_cost = position_cost + 0.01`,
    ],
    ['trades-keep-the-position-they-left', `UPDATE trades SET position_realized = 1`],
    ['trades-keep-the-position-they-left', `DELETE FROM trades WHERE import_key = '2'`],
    [
      'trades-keep-the-position-they-left',
      `UPDATE trades SET executed_at = executed_at + interval '1 hour' WHERE import_key = '1'`,
    ],
    [
      'positions-are-as-their-newest-trade-left-them',
      `UPDATE positions SET quantity = quantity + 1 WHERE quantity <> 0`,
    ],
    [
      'positions-are-as-their-newest-trade-left-them',
      `UPDATE positions SET total_cost = total_cost + 1 WHERE quantity <> 0`,
    ],
    [
      'positions-are-as-their-newest-trade-left-them',
      `UPDATE positions SET realized_pnl = realized_pnl + 1`,
    ],
    ['positions-are-as-their-newest-trade-left-them', `DELETE FROM trades WHERE import_key = '3'`],
    ['positions-are-as-their-newest-trade-left-them', `DELETE FROM positions`],
    ['cash-adds-up', `UPDATE trades SET fee = fee + 1`],
    ['cash-adds-up', `DELETE FROM ledger_transfers WHERE cause = 'CORRECTION'`],
    ['orders-are-filled-by-their-trades', `UPDATE orders SET filled_quantity = 0`],
    ['orders-are-filled-by-their-trades', `UPDATE orders SET filled_notional = 1`],
    ['orders-are-filled-by-their-trades', `DELETE FROM trades`],
    ['fills-are-steps-of-their-order', `UPDATE trades SET fill_sequence = fill_sequence + 90`],
    ['histories-lead-to-the-state', `DELETE FROM order_events WHERE sequence = 2`],
    ['histories-lead-to-the-state', `UPDATE orders SET version = version + 1`],
    ['histories-lead-to-the-state', `UPDATE order_events SET from_status = 'UNKNOWN'`],
    ['states-fit-what-is-filled', `UPDATE orders SET status = 'FILLED' WHERE status = 'CANCELED'`],
    ['states-fit-what-is-filled', `UPDATE orders SET status = 'ACCEPTED' WHERE status = 'FILLED'`],
    ['reserved-is-held-by-open-orders', `UPDATE accounts SET reserved = reserved + 1`],
    ['ended-orders-hold-nothing', `UPDATE orders SET reserved = 5 WHERE status = 'CANCELED'`],
    ['reserved-cash-is-there', `UPDATE accounts SET cash = reserved - 0.01`],
    [
      'histories-are-walks-of-the-table',
      `UPDATE order_events SET to_status = 'REJECTED' WHERE to_status = 'SUBMITTED'`,
    ],
    [
      'histories-are-walks-of-the-table',
      `UPDATE order_events SET to_status = 'ACCEPTED' WHERE from_status IS NULL`,
    ],
    [
      'exits-fill-no-more-than-their-entry',
      `UPDATE orders SET order_class = 'OTO', group_id = account_id, quantity = 99,
         leg = CASE side WHEN 'BUY' THEN 'ENTRY' ELSE 'TAKE_PROFIT' END::order_leg,
         filled_quantity = CASE side WHEN 'BUY' THEN filled_quantity ELSE 99 END`,
    ],
    [
      'legs-of-a-group-agree',
      `UPDATE orders SET order_class = 'OCO', group_id = account_id, leg = 'STOP_LOSS'`,
    ],
    ['replacements-name-each-other', `UPDATE orders SET replaces_id = id`],
    ['replacements-name-each-other', `UPDATE orders SET status = 'REPLACED', reserved = 0`],
    ['currencies-agree', `UPDATE accounts SET currency = 'EUR'`],
    ['closed-accounts-are-at-rest', `UPDATE accounts SET status = 'CLOSED'`],
    ['books-only-grow', `ALTER TABLE ledger_entries DISABLE TRIGGER append_only`],
  ])('%s: %s', async (name, sql) => {
    await damage(sql);
    const audit = await auditLedger(database.worker);
    expect(audit.isClean).toBe(false);
    const check = audit.checks.find((candidate) => candidate.name === name);
    expect(check?.brokenCount).toBeGreaterThan(0);
    expect(check?.findings[0]?.expected).not.toBe(check?.findings[0]?.found);
  });
});

test('a fill that is booked twice is refused by the database itself', async () => {
  await restore();
  const twice = `INSERT INTO trades SELECT gen_random_uuid(), owner_id, account_id, instrument_id,
    order_id, fill_sequence, NULL, source, side, quantity, price, fee, cash_amount, realized_gross,
    NULL, NULL, NULL, executed_at, recorded_at, '{}', 1, 1, 0 FROM trades
    WHERE order_id IS NOT NULL LIMIT 1`;
  await expect(damage(twice)).rejects.toThrow(/trades_order_id_fill_sequence_key/);
});
