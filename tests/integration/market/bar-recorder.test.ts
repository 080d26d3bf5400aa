import { beforeEach, describe, expect, test } from 'vitest';
import { createBarRecorder } from '../../../src/services/market/bar-recorder.ts';
import { createBars } from '../../../src/services/market/bars.ts';
import type { Quote } from '../../../src/services/market/quote.ts';
import { createQuoteBook } from '../../../src/services/market/quote-book.ts';
import { ensureSimulatedInstruments } from '../../../src/services/market/simulated-instruments.ts';
import type { Database } from '../../../src/services/platform/database.ts';
import { createIds } from '../../../src/services/platform/ids.ts';
import { Decimal } from '../../../src/services/platform/money.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';
import { systemViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createManualTime } from '../../support/manual-time.ts';

const database = await createTestDatabase();
const logged: string[] = [];
const log = (_fields: object, message: string) => void logged.push(message);
const logger = { info: log, warn: log, error: log };

let day = 1;
let time: ReturnType<typeof createManualTime>;
/** Each test has a day of its own, since what is stored stays. */
beforeEach(() => {
  day += 1;
  time = createManualTime(new Date(`2026-01-${String(day).padStart(2, '0')}T12:00:00Z`));
  logged.length = 0;
});

const listed = await ensureSimulatedInstruments({
  workerDb: database.worker,
  clock: createManualTime(new Date('2026-01-01T00:00:00Z')).clock,
  ids: createIds({ now: () => new Date('2026-01-01T00:00:00Z') }, randomBytes),
});
const [acme, bore] = listed;
if (!acme || !bore) throw new Error('There are no simulated instruments.');

function createRecorder(workerDb: Database = database.worker) {
  const quotes = createQuoteBook();
  const recorder = createBarRecorder({
    workerDb,
    quotes,
    instrumentIds: listed.map(({ id }) => id),
    clock: time.clock,
    timers: time.timers,
    logger,
  });
  const quote = (last: string, instrument = acme): void => {
    const price = new Decimal(last);
    const prices = { bid: price, ask: price, last: price };
    const sizes = { bidSize: new Decimal(1), askSize: new Decimal(1), volume: new Decimal(2) };
    const { id, symbol } = instrument ?? { id: '', symbol: '' };
    const put: Quote = {
      ...prices,
      ...sizes,
      instrumentId: id,
      symbol,
      time: time.clock.now(),
      source: 'SIMULATED',
    };
    quotes.put(put);
  };
  return { recorder, quote };
}

/** The rows of the test's day, as stored, in the order in which they became known. */
const stored = async (): Promise<string[]> => {
  const rows = await database.query<{ line: string }>(
    `SELECT concat_ws(' ', i.symbol, to_char(open_time AT TIME ZONE 'UTC', 'HH24:MI'), 'known',
       to_char(known_at AT TIME ZONE 'UTC', 'HH24:MI:SS'), trim_scale(open), trim_scale(high),
       trim_scale(low), trim_scale(close), trim_scale(volume)) AS line
     FROM bars b JOIN instruments i ON i.id = b.instrument_id
     WHERE open_time::date = $1::date ORDER BY known_at, symbol, open_time`,
    [time.clock.now()],
  );
  return rows.map(({ line }) => line);
};

describe('the bar recorder', () => {
  test('stores the open when a minute begins and the whole when it ends', async () => {
    const { recorder, quote } = createRecorder();
    await recorder.start();
    quote('10');
    time.advance(30_000);
    quote('12');
    time.advance(30_000);
    quote('11');
    time.advance(10_000);
    await recorder.stop();
    expect(await stored()).toEqual([
      'ACME.SIM 12:00 known 12:00:00 10',
      // Two quotes before 12:01, each with volume 2; 11 belongs to the next minute, which opened at 12.
      'ACME.SIM 12:00 known 12:01:00 10 12 10 12 4',
      'ACME.SIM 12:01 known 12:01:00 12',
      'ACME.SIM 12:01 known 12:01:10 12 12 11 11 2',
    ]);
  });

  test('writes one INSERT for all instruments at the turn of a minute', async () => {
    let transactions = 0;
    const counting: Database = {
      ...database.worker,
      withViewer: (viewer, work) => {
        transactions += 1;
        return database.worker.withViewer(viewer, work);
      },
    };
    const { recorder, quote } = createRecorder(counting);
    await recorder.start();
    for (const instrument of listed) quote('10', instrument);
    await expect.poll(async () => (await stored()).length).toBe(listed.length);
    expect(transactions).toBe(1);
    time.advance(59_900);
    for (const instrument of listed) quote('11', instrument);
    time.advance(100);
    for (const instrument of listed) quote('12', instrument);
    // Opens of 12:00, wholes of 12:00 and opens of 12:01.
    await expect.poll(async () => (await stored()).length).toBe(3 * listed.length);
    expect(transactions).toBe(2);
    await recorder.stop();
  });

  test('goes on within the minute of an orderly stop, with nothing lost', async () => {
    const first = createRecorder();
    await first.recorder.start();
    first.quote('10');
    first.quote('15');
    time.advance(20_000);
    await first.recorder.stop();

    const second = createRecorder();
    await second.recorder.start();
    time.advance(10_000);
    second.quote('8');
    time.advance(30_000);
    await second.recorder.stop();
    expect(await stored()).toEqual([
      'ACME.SIM 12:00 known 12:00:00 10',
      'ACME.SIM 12:00 known 12:00:20 10 15 10 15 4',
      'ACME.SIM 12:00 known 12:01:00 10 15 8 8 6',
      'ACME.SIM 12:01 known 12:01:00 8',
    ]);
  });

  test('goes on from the stored open after a crash, and stores no second open', async () => {
    const crashed = createRecorder();
    await crashed.recorder.start();
    crashed.quote('10');
    await expect.poll(stored).toHaveLength(1);
    crashed.quote('99');
    // Its timers and all that came after the open die with the process.
    time = createManualTime(new Date(time.clock.now().getTime() + 20_000));
    const next = createRecorder();
    await next.recorder.start();
    next.quote('11');
    time.advance(40_000);
    await expect.poll(stored).toContain('ACME.SIM 12:00 known 12:01:00 10 11 10 11 2');
    expect(await stored()).toEqual([
      'ACME.SIM 12:00 known 12:00:00 10',
      'ACME.SIM 12:00 known 12:01:00 10 11 10 11 2',
      'ACME.SIM 12:01 known 12:01:00 11',
    ]);
    await next.recorder.stop();
  });

  test('keeps its rows while the database does not answer', async () => {
    let isDown = true;
    const flaky: Database = {
      ...database.worker,
      withViewer: (viewer, work) =>
        isDown
          ? Promise.reject(new Error('connection refused'))
          : database.worker.withViewer(viewer, work),
    };
    const { recorder, quote } = createRecorder(flaky);
    await recorder.start();
    quote('10');
    await expect.poll(() => logged).toEqual(['bars could not be stored']);
    expect(await stored()).toEqual([]);
    isDown = false;
    time.advance(1_000);
    await expect.poll(stored).toEqual(['ACME.SIM 12:00 known 12:00:00 10']);
    await recorder.stop();
  });

  test('leaves the quotes of other instruments alone', async () => {
    const { recorder, quote } = createRecorder();
    await recorder.start();
    quote('10', { ...bore, id: '01900000-0000-7000-8000-00000000ffff' });
    await recorder.stop();
    expect(await stored()).toEqual([]);
    expect(logged).toEqual([]);
  });

  test('leaves the feed the newest price to go on from', async () => {
    const { recorder, quote } = createRecorder();
    await recorder.start();
    quote('10');
    quote('50', bore);
    time.advance(59_000);
    quote('12.34');
    time.advance(1_000);
    await recorder.stop();
    const bars = createBars({ db: database.worker, clock: time.clock });
    const prices = await bars.latestPrices(systemViewer(), [acme.id, bore.id, listed[9]?.id ?? '']);
    expect(prices.get(acme.id)).toEqual(new Decimal('12.34'));
    expect(prices.get(bore.id)).toEqual(new Decimal('50'));
  });
});
