import { describe, expect, test } from 'vitest';
import { Forbidden, IdempotencyConflict, NotFound } from '../../../src/services/platform/errors.ts';
import { userViewer } from '../../../src/services/platform/viewer.ts';
import {
  AccountClosed,
  AccountKindMismatch,
  AccountLimit,
  AccountNotEmpty,
  AccountOfModel,
  WithdrawalTooLarge,
} from '../../../src/services/portfolio/errors.ts';
import type { CreateAccount } from '../../../src/services/portfolio/own-accounts.ts';
import { openPortfolioHouse } from '../../support/portfolio-house.ts';
import { decimal } from '../../support/trading-floor.ts';

const house = await openPortfolioHouse();
const { accounts, cash, resets, owner, stranger, floor, key, database, exchange } = house;

const wanted = (given: Partial<CreateAccount> = {}): CreateAccount => ({
  name: 'Mine',
  kind: 'PAPER',
  currency: 'USD',
  startingCash: decimal('1000'),
  ...key(),
  ...given,
});
const open = (given: Partial<CreateAccount> = {}) => accounts.create(owner, wanted(given));
const count = () => database.query('SELECT count(*)::int FROM accounts');

describe('a person', () => {
  test('opens an account on paper with its starting cash, written down', async () => {
    const account = await open({ fills: { allowsShort: true, latencyMs: 20 } });
    expect(account).toMatchObject({
      ...{ ownerId: owner.userId, kind: 'PAPER', status: 'ACTIVE', zone: 'America/Chicago' },
      ...{ allowsShort: true, latencyMs: 20, slippageModel: 'NONE' },
    });
    expect(account.cash.toFixed()).toBe('1000');
    expect(await house.movements(account)).toEqual(['DEPOSIT 1000']);
    expect(await house.auditedActions(account)).toEqual(['account.opened']);
  });

  test('opens one that is traded elsewhere, in another currency and zone', async () => {
    const account = await open({
      ...{ kind: 'EXTERNAL', currency: 'USDT', zone: 'Europe/Berlin' },
      startingCash: decimal('0.000001'),
    });
    expect(account).toMatchObject({ kind: 'EXTERNAL', currency: 'USDT', zone: 'Europe/Berlin' });
    expect(account.cash.toFixed()).toBe('0.000001');
  });

  test('gets the first account again for the same key, and a conflict for another wish', async () => {
    const command = wanted();
    const first = await accounts.create(owner, command);
    const before = await count();
    expect((await accounts.create(owner, { ...command, startingCash: decimal('1000.0') })).id).toBe(
      first.id,
    );
    await expect(accounts.create(owner, { ...command, name: 'Other' })).rejects.toThrow(
      IdempotencyConflict,
    );
    expect(await count()).toEqual(before);
  });

  test.each([
    ['startingCash', { startingCash: decimal('1e10') }],
    ['startingCash', { startingCash: decimal('-1') }],
    ['startingCash', { startingCash: decimal('0.001') }],
    ['currency', { currency: 'XYZ' }],
    ['zone', { zone: 'Nowhere/Never' }],
    ['zone', { zone: '+01:00' }],
    ['name', { name: '  ' }],
    ['slippageBps', { fills: { slippageBps: decimal('1001') } }],
    ['latencyMs', { fills: { latencyMs: 60_001 } }],
    ['kind', { kind: 'EXTERNAL', fills: { feeModel: 'NONE' } }],
  ] as const)('is told of a wrong %s, and nothing is opened', async (field, given) => {
    const before = await count();
    await expect(open(given)).rejects.toMatchObject({ code: 'BAD_USER_INPUT', field });
    expect(await count()).toEqual(before);
  });

  test('has so many accounts and no more, asked for at once or one by one', async () => {
    const person = await floor.addPerson();
    const asked = Array.from({ length: 24 }, () => accounts.create(person, wanted()));
    const results = await Promise.allSettled(asked);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    const [refused] = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    expect(refused).toEqual(new AccountLimit(20));
  });

  test('opens nothing else than paper with a key for tests, and nothing below USER', async () => {
    const apiKey = {
      id: 'k',
      environment: 'TEST',
      scopes: ['TRADE'],
      requestsPerMinute: null,
    } as const;
    const tester = userViewer(owner, { apiKey });
    await expect(accounts.create(tester, wanted({ kind: 'EXTERNAL' }))).rejects.toThrow(Forbidden);
    const onlooker = userViewer({ userId: owner.userId, role: 'VIEWER' });
    await expect(accounts.create(onlooker, wanted())).rejects.toThrow(Forbidden);
  });
});

describe('changing an account', () => {
  test('keeps what is not named', async () => {
    const { id: accountId } = await open({ fills: { latencyMs: 20 } });
    const fills = { slippageModel: 'FIXED_BPS', slippageBps: decimal('2.5') } as const;
    const after = await accounts.update(owner, { accountId, name: 'New', fills, ...key() });
    expect(after).toMatchObject({ name: 'New', slippageModel: 'FIXED_BPS', latencyMs: 20 });
    expect(after.slippageBps.toFixed()).toBe('2.5');
    expect(await house.auditedActions(after)).toEqual(['account.opened', 'account.updated']);
  });

  test('is not for strangers, nor for administrators', async () => {
    const { id: accountId } = await open();
    for (const viewer of [stranger, house.admin]) {
      const change = { accountId, name: 'Theirs', ...key() };
      await expect(accounts.update(viewer, change)).rejects.toThrow(NotFound);
    }
    expect((await house.newest(await open())).name).toBe('Mine');
  });
});

describe('closing an account', () => {
  test('is refused while something is open, and is for good', async () => {
    const account = await open();
    const { id: accountId } = account;
    const acme = await floor.addInstrument();
    await house.trade(account, acme, { quantity: '1', price: '10' });
    await expect(accounts.close(owner, { accountId, ...key() })).rejects.toEqual(
      new AccountNotEmpty({ openOrders: 0, openPositions: 1 }),
    );
    await house.trade(account, acme, { side: 'SELL', quantity: '1', price: '10' });
    exchange.quote(acme);
    const order = await exchange.place(owner, account, {
      ...{ instrument: acme, type: 'LIMIT', limitPrice: decimal('90'), quantity: '1' },
    });
    await expect(accounts.close(owner, { accountId, ...key() })).rejects.toEqual(
      new AccountNotEmpty({ openOrders: 1, openPositions: 0 }),
    );
    expect(await house.newest(account)).toMatchObject({ status: 'ACTIVE' });
    const cancel = { orderId: order.id, idempotencyKey: key().idempotencyKey };
    await exchange.orders.cancel(owner, cancel);
    expect(await accounts.close(owner, { accountId, ...key() })).toMatchObject({
      status: 'CLOSED',
    });
    await expect(accounts.close(owner, { accountId, ...key() })).rejects.toThrow(AccountClosed);
    const deposit = { accountId, amount: decimal(1), ...key() };
    await expect(cash.deposit(owner, deposit)).rejects.toThrow(AccountClosed);
    expect((await house.newest(account)).cash.toFixed()).toBe('1000');
  });
});

describe('money by hand', () => {
  test.each(['PAPER', 'EXTERNAL'] as const)('comes and goes, %s', async (kind) => {
    const account = await open({ kind });
    const { id: accountId } = account;
    const deposit = { accountId, amount: decimal('250.50'), ...key() };
    await cash.deposit(owner, deposit);
    // The same again: 1,000 + 250.50 and no more.
    expect((await cash.deposit(owner, deposit)).cash.toFixed()).toBe('1250.5');
    const after = await cash.withdraw(owner, { accountId, amount: decimal('1250.5'), ...key() });
    expect(after.cash.toFixed()).toBe('0');
    expect(await house.movements(account)).toEqual([
      ...['DEPOSIT 1000', 'DEPOSIT 250.5', 'WITHDRAWAL -1250.5'],
    ]);
    expect(await house.auditedActions(account)).toEqual([
      ...['account.opened', 'account.deposited', 'account.withdrawn'],
    ]);
  });

  test('is not taken out beyond what orders leave free', async () => {
    const account = await open();
    const acme = await floor.addInstrument();
    exchange.quote(acme);
    await exchange.place(owner, account, {
      ...{ instrument: acme, quantity: '3', type: 'LIMIT', limitPrice: decimal('90') },
    });
    const before = await house.books.of(account);
    // 1,000 − 3 × 90 held back = 730
    await expect(
      cash.withdraw(owner, { accountId: account.id, amount: decimal('730.01'), ...key() }),
    ).rejects.toEqual(
      new WithdrawalTooLarge({ required: decimal('730.01'), available: decimal('730') }),
    );
    expect(await house.books.of(account)).toEqual(before);
    const left = await cash.withdraw(owner, {
      ...{ accountId: account.id, amount: decimal('730'), ...key() },
    });
    expect(left.cash.toFixed()).toBe('270');
  });

  test('is not for strangers, accounts of models, or amounts that cannot be', async () => {
    const account = await open();
    const { id: accountId } = account;
    const before = await house.books.of(account);
    const deposit = (amount: string) => ({ accountId, amount: decimal(amount), ...key() });
    await expect(cash.deposit(stranger, deposit('1'))).rejects.toThrow(NotFound);
    for (const amount of ['0', '-1', '0.001', '1e10']) {
      await expect(cash.deposit(owner, deposit(amount))).rejects.toMatchObject({ field: 'amount' });
    }
    expect(await house.books.of(account)).toEqual(before);
    const modelId = await addModel();
    await database.query('UPDATE accounts SET model_id = $1 WHERE id = $2', [modelId, accountId]);
    await expect(cash.deposit(owner, deposit('1'))).rejects.toThrow(AccountOfModel);
    await expect(resets.reset(owner, { accountId, ...key() })).rejects.toThrow(AccountOfModel);
    expect(await house.books.of(account)).toEqual(before);
  });
});

async function addModel(): Promise<string> {
  const [row] = await database.query<{ id: string }>(
    `INSERT INTO models (id, owner_id, name, trader, provider, model_name, universe, starting_cash,
       currency, interval_seconds, status, visibility, log_visibility, version, created_at, updated_at)
     VALUES (gen_random_uuid(), $1, 'M', 'MOMENTUM', 'built-in', 'm', '{}', 1000, 'USD', 60, 'IDLE',
       'PRIVATE', 'PRIVATE', 1, now(), now()) RETURNING id`,
    [owner.userId],
  );
  return row?.id ?? '';
}

describe('a reset', () => {
  test('cancels orders, gives positions back at their marks, and leaves the starting cash', async () => {
    const account = await open();
    const { id: accountId } = account;
    const [acme, bolt] = [await floor.addInstrument(), await floor.addInstrument()];
    await house.trade(account, acme, { quantity: '10', price: '20', fee: '1' });
    await house.trade(account, bolt, { quantity: '2', price: '7' });
    exchange.quote(acme, { bid: '25', ask: '26' });
    await exchange.place(owner, account, {
      ...{ instrument: acme, quantity: '1', type: 'LIMIT', limitPrice: decimal('22') },
    });
    const reset = { accountId, ...key() };
    const after = await resets.reset(owner, reset);
    expect([after.cash.toFixed(), after.reserved.toFixed()]).toEqual(['1000', '0']);
    expect(await house.held(account)).toEqual([]);
    expect(await house.books.orders(account)).toMatchObject([
      { status: 'CANCELED', reason_code: 'ACCOUNT_RESET' },
    ]);
    // 1,000 − 200 − 1 − 14 = 785; 10 back at the mark of 25 and 2 at their cost of 7: 785 + 250 + 14 =
    // 1,049, so that 49 go.
    expect(await house.movements(account)).toEqual([
      ...['DEPOSIT 1000', 'FILL -200', 'FEE -1', 'FILL -14', 'FILL 250', 'FILL 14', 'RESET -49'],
    ]);
    // The same again does nothing.
    const books = await house.books.of(account);
    await resets.reset(owner, reset);
    expect(await house.books.of(account)).toEqual(books);
    const sources = await database.query(
      `SELECT source, trim_scale(sum(realized_gross))::text AS realized FROM trades
       WHERE account_id = $1 GROUP BY 1 ORDER BY 1`,
      [accountId],
    );
    expect(sources).toEqual([
      { source: 'PAPER', realized: '0' },
      { source: 'RESET', realized: '50' },
    ]);
  });

  test('is for paper alone, and for the owner', async () => {
    const account = await open({ kind: 'EXTERNAL' });
    const before = await house.books.of(account);
    const command = { accountId: account.id, ...key() };
    await expect(resets.reset(owner, command)).rejects.toThrow(AccountKindMismatch);
    await expect(resets.reset(stranger, command)).rejects.toThrow(NotFound);
    expect(await house.books.of(account)).toEqual(before);
  });
});
