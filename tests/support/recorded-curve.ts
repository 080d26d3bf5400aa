import {
  createEquityCurves,
  type EquityCurveQuery,
} from '../../src/services/performance/equity-curve.ts';
import type { EquityPoint } from '../../src/services/performance/equity-series.ts';
import { userViewer } from '../../src/services/platform/viewer.ts';
import type { TestDatabase } from './database.ts';
import { createFixedClock } from './fixed-clock.ts';
import { createRecordedMarket } from './recorded-market.ts';

/** In New York, in summer time: 09:30 to 16:00 is 13:30 to 20:00 in UTC. */
export const session = (day: string, close: number) => ({
  openTime: `2025-10-${day}T13:30:00Z`,
  closeTime: `2025-10-${day}T20:00:00Z`,
  close,
});
/** When the accounts of these tests open. */
export const OPENED = '2025-10-01T13:30:00Z';

/**
 * An account of 10,000 that bought ten AAA at 100 on 1 October 2025, and what AAA and QQQ closed at on
 * four days. It is 1 December.
 */
export async function openRecordedCurve(database: TestDatabase) {
  const clock = createFixedClock('2025-12-01T00:00:00Z');
  const market = createRecordedMarket(database, clock);
  const curves = createEquityCurves({ db: database.server, clock });
  const owner = await market.addPerson();
  const series = { AAA: [100, 110, 90, 120], QQQ: [500, 510, 505, 520] };
  const [aaa] = await Promise.all(
    Object.entries(series).map(async ([symbol, closes]) => {
      const instrument = await market.addRecorded(symbol);
      const days = ['01', '02', '03', '06'];
      await market.addBars(
        instrument,
        closes.map((close, index) => session(days[index] ?? '', close)),
      );
      return instrument;
    }),
  );
  if (!aaa) throw new Error('There is no AAA.');
  const account = await market.openAt(owner, OPENED);
  await market.trade(account, aaa, { quantity: 10, price: 100, at: '2025-10-01T14:00:00Z' });
  await market.computeEquity(account);
  const read = (query: EquityCurveQuery, viewer = owner) =>
    curves.read(userViewer(viewer), { ...query });
  return { clock, market, curves, owner, account, read };
}

/** Time, equity, cash and unrealized profit. */
export const shown = ({ at, equity, cash, unrealizedPnl }: EquityPoint): string =>
  [at.toISOString().slice(5, 16), equity, cash, unrealizedPnl].map(String).join(' ');
