import { describe, expect, test } from 'vitest';
import { NotFound } from '../../../src/services/platform/errors.ts';
import type { Account } from '../../../src/services/platform/prisma/client.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createStatementLinks } from '../../../src/services/portfolio/statement-links.ts';
import { statementLines } from '../../../src/services/portfolio/statement-lines.ts';
import { openPortfolioHouse } from '../../support/portfolio-house.ts';
import { decimal } from '../../support/trading-floor.ts';

const house = await openPortfolioHouse();
const { statements, owner, stranger, floor, key, time, cash, database, actions, applier } = house;
const HOUR_MS = 3_600_000;
const FAR = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2027-01-01T00:00:00Z') };
const keys = [{ secret: Buffer.from('a secret of the tests that is long enough') }];
const links = createStatementLinks({ ...house.linkPorts, keys });

/** 1,000; 10 bought at 20 for a fee of 1; split 2:1; a dividend of 0.5; 50 taken out. */
async function openBusyAccount(): Promise<Account> {
  const account = await floor.openAccount(owner, '1000');
  const acme = await floor.addInstrument({ symbol: `=ACME${account.id.slice(-6)}` });
  time.advance(HOUR_MS);
  await house.trade(account, acme, { quantity: '10', price: '20', fee: '1' });
  const announce = (terms: Parameters<typeof actions.announce>[1]['terms']) =>
    actions.announce(house.admin, {
      ...{ symbol: acme.symbol, terms, ...key() },
      effectiveAt: new Date(time.clock.now().getTime() + HOUR_MS),
    });
  await announce({ kind: 'SPLIT', ratioFrom: decimal(1), ratioTo: decimal(2) });
  time.advance(HOUR_MS);
  await applier.applyDue();
  await announce({ kind: 'DIVIDEND', amount: decimal('0.5') });
  time.advance(HOUR_MS);
  await applier.applyDue();
  await cash.withdraw(owner, { accountId: account.id, amount: decimal(50), ...key() });
  return account;
}

async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
const textOf = async (text: AsyncIterable<string>) => (await allOf(text)).join('');

describe('a statement', () => {
  test('has a line for each movement and split, oldest first, with the running balance', async () => {
    const account = await openBusyAccount();
    const csv = await textOf(statements.csv(owner, { accountId: account.id, ...FAR }));
    const [head, ...lines] = csv.trim().split('\n');
    expect(head).toBe('time,type,symbol,side,quantity,price,amount,balance,currency,reference');
    const short = lines.map((line) => line.split(',').slice(1, 9).join(','));
    const symbol = `'=ACME${account.id.slice(-6)}`;
    // 1,000 − 200 − 1 = 799; 20 × 0.5 = 10; − 50
    expect(short).toEqual([
      'DEPOSIT,,,,,1000,1000,USD',
      `FILL,${symbol},BUY,10,20,-200,800,USD`,
      `FEE,${symbol},BUY,10,20,-1,799,USD`,
      `SPLIT,${symbol},BUY,10,10,0,799,USD`,
      'DIVIDEND,,,,,10,809,USD',
      'WITHDRAWAL,,,,,-50,759,USD',
    ]);
    expect((await house.newest(account)).cash.toFixed()).toBe('759');
  });

  test('is the same however small its batches are', async () => {
    const account = await openBusyAccount();
    const lines = (batchLines: number) =>
      allOf(
        statementLines(database.server, owner, {
          ...{ accountId: account.id, ...FAR, batchLines, knownBy: time.clock.now() },
        }),
      );
    const whole = await lines(1_000);
    for (const batch of [1, 2, 5]) expect(await lines(batch)).toEqual(whole);
  });

  test('begins with the balance of before, and ends before its end', async () => {
    const account = await floor.openAccount(owner, '1000');
    time.advance(HOUR_MS);
    const from = time.clock.now();
    await cash.deposit(owner, { accountId: account.id, amount: decimal(5), ...key() });
    time.advance(HOUR_MS);
    const to = time.clock.now();
    await cash.withdraw(owner, { accountId: account.id, amount: decimal(3), ...key() });
    const csv = await textOf(statements.csv(owner, { accountId: account.id, from, to }));
    expect(csv.trim().split('\n')).toHaveLength(2);
    expect(csv).toContain('DEPOSIT,,,,,5,1005,USD');
    const found = await statements.summaries(owner, [account.id], { from, to });
    const summary = found.get(account.id);
    expect([summary?.openingCash, summary?.closingCash, summary?.deposits].map(String)).toEqual([
      ...['1000', '1005', '5'],
    ]);
    expect(summary).toMatchObject({ entries: 1, openingEquity: null, closingEquity: null });
  });

  test('shows a stranger nothing', async () => {
    const account = await openBusyAccount();
    const csv = await textOf(statements.csv(stranger, { accountId: account.id, ...FAR }));
    expect(csv.trim().split('\n')).toHaveLength(1);
  });

  test('refuses a range that is none', () => {
    const range = { accountId: owner.userId, from: FAR.to, to: FAR.from };
    expect(() => statements.csv(owner, range)).toThrow('`to` lies after `from`.');
  });
});

describe('a link to a statement', () => {
  const tokenOf = (path: string) => path.replace('/statements/', '');

  test('leads to it for five minutes', async () => {
    const account = await openBusyAccount();
    const { path, expiresAt } = await links.create(owner, { accountId: account.id, ...FAR });
    expect(expiresAt.getTime() - time.clock.now().getTime()).toBe(5 * 60_000);
    const file = await links.open(tokenOf(path));
    expect(file.fileName).toBe('statement-2026-01-01-2027-01-01.csv');
    expect((await textOf(file.csv)).trim().split('\n')).toHaveLength(7);
    time.advance(5 * 60_000);
    await expect(links.open(tokenOf(path))).rejects.toThrow(NotFound);
  });

  test('is for the owner to make, and for nobody to forge', async () => {
    const account = await openBusyAccount();
    const range = { accountId: account.id, ...FAR };
    await expect(links.create(stranger, range)).rejects.toThrow(NotFound);
    const token = tokenOf((await links.create(owner, range)).path);
    const [text = '', mac = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    const later = [...claims.slice(0, 4), Number(claims[4]) + 1_000_000];
    const forged = Buffer.from(JSON.stringify(later)).toString('base64url');
    for (const wrong of [`${forged}.${mac}`, `${text}.${mac.slice(0, -2)}AA`, text, '', 'a.b']) {
      await expect(links.open(wrong)).rejects.toThrow(NotFound);
    }
    const other = createStatementLinks({
      ...house.linkPorts,
      keys: [{ secret: Buffer.from('another secret that is long enough, and new') }, ...keys],
    });
    // A key that signed before is known still.
    expect((await other.open(token)).fileName).toContain('statement-');
  });

  test('ends with the right of its owner to log in', async () => {
    const person = await floor.addPerson();
    const account = await floor.openAccount(person, '1');
    const token = tokenOf((await links.create(person, { accountId: account.id, ...FAR })).path);
    await database.worker.withViewer(systemViewer(), (tx) =>
      tx.user.update({ where: { id: person.userId }, data: { status: 'DISABLED' } }),
    );
    await expect(links.open(token)).rejects.toThrow(NotFound);
  });
});
