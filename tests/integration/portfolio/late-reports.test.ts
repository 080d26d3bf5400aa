import { describe, expect, test } from 'vitest';
import {
  createTradeReports,
  type RecordTrade,
} from '../../../src/services/portfolio/trade-reports.ts';
import { openPortfolioHouse } from '../../support/portfolio-house.ts';
import { decimal } from '../../support/trading-floor.ts';

const house = await openPortfolioHouse();
const { reports, owner, floor, key, time } = house;

const open = () =>
  house.accounts.create(owner, {
    ...{ name: 'Elsewhere', kind: 'EXTERNAL', currency: 'USD', startingCash: decimal('100') },
    ...key(),
  });
const report = (accountId: string, given: Partial<RecordTrade> = {}): RecordTrade => ({
  ...{ accountId, symbol: 'ACME', side: 'BUY', tradeId: 't-1', executedAt: time.clock.now() },
  ...{ quantity: decimal('1.5'), price: decimal('100'), fee: decimal('0.25') },
  ...given,
});

describe('a late report', () => {
  test.each(['SPLIT', 'DIVIDEND'] as const)(
    'of before a %s that is applied is refused with it, by who held nothing too',
    async (kind) => {
      const { symbol } = await floor.addInstrument();
      const accounts = [await open(), await open()] as const;
      const third = await open();
      const old = { symbol, executedAt: time.clock.now() };
      await reports.record(owner, report(accounts[0].id, old));
      time.advance(1);
      const effectiveAt = new Date(time.clock.now().getTime() + 60_000);
      const terms =
        kind === 'SPLIT'
          ? { kind, ratioFrom: decimal(1), ratioTo: decimal(2) }
          : { kind, amount: decimal('0.5') };
      await house.actions.announce(house.admin, { symbol, terms, effectiveAt, ...key() });
      time.advance(60_000);
      await house.applier.applyDue();
      // Not all had their part yet: what comes now has it at the next look, and who had it is refused.
      await reports.record(owner, report(third.id, old));
      const late = { ...old, tradeId: 't-2' };
      const denial = { code: 'TRADE_OUT_OF_ORDER', newestAt: effectiveAt };
      await expect(reports.record(owner, report(accounts[0].id, late))).rejects.toMatchObject(
        denial,
      );
      await house.applier.applyDue();
      time.advance(60_000);
      await house.applier.applyDue();
      const before = await house.books.of(accounts[1]);
      const refused = reports.record(owner, report(accounts[1].id, late));
      await expect(refused).rejects.toMatchObject({
        ...denial,
        message:
          `A ${kind.toLowerCase()} of ${effectiveAt.toISOString()} is booked already: ` +
          'report trades in the order of their times.',
      });
      expect(await house.books.of(accounts[1])).toEqual(before);
      // 1.5 × 2, or 1.5 with 0.75 paid.
      expect(await house.held(third)).toEqual([kind === 'SPLIT' ? '3 for 150' : '1.5 for 150']);
      const after = { ...late, executedAt: time.clock.now() };
      await reports.record(owner, report(accounts[1].id, after));
    },
  );

  test('that is being booked while its dividend is done has its part in it', async () => {
    const { id, symbol } = await floor.addInstrument();
    const account = await open();
    const old = { symbol, executedAt: time.clock.now() };
    time.advance(1);
    const effectiveAt = new Date(time.clock.now().getTime() + 60_000);
    const terms = { kind: 'DIVIDEND', amount: decimal('0.5') } as const;
    await house.actions.announce(house.admin, { symbol, terms, effectiveAt, ...key() });
    const [booked, release] = [
      Promise.withResolvers<undefined>(),
      Promise.withResolvers<undefined>(),
    ];
    const slow = createTradeReports({
      ...{ db: house.database.server, workerDb: house.database.worker, clock: time.clock },
      booking: {
        ...floor.booking,
        async bookTrade(tx, trade) {
          const done = await floor.booking.bookTrade(tx, trade);
          booked.resolve(undefined);
          await release.promise;
          return done;
        },
      },
    });
    const reporting = slow.record(owner, report(account.id, old));
    await booked.promise;
    // Long enough after its time that it is done when nobody is left; it waits for the report.
    time.advance(120_000);
    const applying = house.applier.applyDue();
    await Promise.race([applying, new Promise((resolve) => setTimeout(resolve, 1_000))]);
    release.resolve(undefined);
    await Promise.all([reporting, applying]);
    await house.applier.applyDue();
    const effects = await house.database.query(
      `SELECT trim_scale(cash)::text AS cash FROM corporate_action_effects e
         JOIN corporate_actions a ON a.id = e.action_id WHERE a.instrument_id = $1`,
      [id],
    );
    expect(effects).toEqual([{ cash: '0.75' }]); // 1.5 × 0.50
  });
});
