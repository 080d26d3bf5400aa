import { beforeAll, describe, expect, test } from 'vitest';
import { UnknownSymbol } from '../../../src/services/market/errors.ts';
import {
  createInstruments,
  type InstrumentFilter,
} from '../../../src/services/market/instruments.ts';
import {
  ensureSimulatedInstruments,
  SIMULATED_SYMBOLS,
} from '../../../src/services/market/simulated-instruments.ts';
import { systemClock } from '../../../src/services/platform/clock.ts';
import { createIds } from '../../../src/services/platform/ids.ts';
import type { Prisma } from '../../../src/services/platform/prisma/client.ts';
import { randomBytes } from '../../../src/services/platform/random.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';

const database = await createTestDatabase();
const instruments = createInstruments({ db: database.server });
const ensure = () =>
  ensureSimulatedInstruments({
    workerDb: database.worker,
    clock: systemClock,
    ids: createIds(systemClock, randomBytes),
  });
const stored = () =>
  database.query<{ id: string; symbol: string }>('SELECT * FROM instruments ORDER BY symbol');
const symbolsOf = (rows: readonly { symbol: string }[]) => rows.map(({ symbol }) => symbol);

beforeAll(async () => {
  await Promise.all([ensure(), ensure(), ensure()]);
  await database.query(
    `INSERT INTO instruments (id, symbol, name, asset_class, currency, zone, tick_size, lot_size,
       is_tradable, source, fee_bps, created_at)
     VALUES (gen_random_uuid(), 'A_ME', '100% Real', 'STOCK', 'USD', 'America/New_York', 0.01, 1,
       false, 'IMPORTED', 0, now())`,
  );
});

describe('the simulated instruments', () => {
  test('are made once, by however many processes', async () => {
    const rows = await stored();
    expect(rows).toHaveLength(SIMULATED_SYMBOLS.length + 1);
    const again = await ensure();
    expect(await stored()).toEqual(rows);
    expect(symbolsOf(again)).toEqual(SIMULATED_SYMBOLS);
    const ids = new Map(rows.map((row) => [row.symbol, row.id]));
    expect(again.map(({ id }) => id)).toEqual(SIMULATED_SYMBOLS.map((symbol) => ids.get(symbol)));
  });

  test('say that they are simulated and can all be traded in US dollars', async () => {
    const rows = await instruments.list(anonymousViewer(), {}, { source: 'SIMULATED' });
    expect(rows).toHaveLength(10);
    for (const row of rows) {
      expect(row.symbol).toMatch(/^[A-Z]{3,4}\.SIM$/);
      expect(row.name).toMatch(/ \(simulated\)$/);
      expect(row).toMatchObject({ currency: 'USD', isTradable: true });
    }
    expect(rows.filter(({ assetClass }) => assetClass === 'CRYPTO')).toHaveLength(2);
    expect(rows.filter(({ assetClass }) => assetClass === 'ETF')).toHaveLength(1);
  });

  test('refuse to share a symbol with an instrument of another source', async () => {
    await database.query(`UPDATE instruments SET source = 'IMPORTED' WHERE symbol = 'MKT.SIM'`);
    await expect(ensure()).rejects.toThrow(/MKT\.SIM is not a simulated instrument/);
    await database.query(`UPDATE instruments SET source = 'SIMULATED' WHERE symbol = 'MKT.SIM'`);
  });
});

describe('the list of instruments', () => {
  const list = async (selection: Prisma.InstrumentFindManyArgs, filter?: InstrumentFilter) =>
    symbolsOf(await instruments.list(anonymousViewer(), selection, filter));

  test('goes by symbol, and on from a cursor without gap or repeat', async () => {
    const all = await list({});
    expect(all).toEqual([...all].sort());
    const first = await list({ take: 4 });
    const rest = await list({ take: 100, skip: 1, cursor: { symbol: first[3] ?? '' } });
    expect([...first, ...rest]).toEqual(all);
  });

  test.each([
    ['the beginning of a symbol', { search: 'acm' }, ['ACME.SIM']],
    ['the beginning of a name', { search: 'whole m' }, ['MKT.SIM']],
    ['no middle of a name', { search: 'market' }, []],
    ['an underscore as itself', { search: 'A_' }, ['A_ME']],
    ['a percent sign as itself', { search: '100%' }, ['A_ME']],
    ['no wildcard', { search: '%' }, []],
    ['a backslash as itself', { search: '\\' }, []],
    ['an asset class', { assetClass: 'CRYPTO' as const }, ['EMBR.SIM', 'PEBL.SIM']],
    ['a source', { source: 'IMPORTED' as const }, ['A_ME']],
    ['what is not tradable', { isTradable: false }, ['A_ME']],
    ['all of them together', { search: 'e', assetClass: 'STOCK' as const }, []],
  ])('finds by %s', async (_what, filter, expected) => {
    expect(await list({}, filter)).toEqual(expected);
    expect(await instruments.count(anonymousViewer(), filter)).toBe(expected.length);
  });

  test("keeps the caller's own condition beside the filter", async () => {
    expect(await list({ where: { symbol: 'PEBL.SIM' } }, { assetClass: 'CRYPTO' })).toEqual([
      'PEBL.SIM',
    ]);
    expect(await list({ where: { symbol: 'PEBL.SIM' } }, { assetClass: 'STOCK' })).toEqual([]);
  });
});

describe('an instrument by its symbol', () => {
  test('is found by the very symbol, else null', async () => {
    expect((await instruments.bySymbol(anonymousViewer(), {}, 'ACME.SIM'))?.name).toBe(
      'Acme Anvils (simulated)',
    );
    expect(await instruments.bySymbol(anonymousViewer(), {}, 'acme.sim')).toBeNull();
  });

  test('comes in the order asked for, and an unknown one is named', async () => {
    const found = await instruments.forSymbols(anonymousViewer(), [
      'PEBL.SIM',
      'ACME.SIM',
      'PEBL.SIM',
    ]);
    expect(symbolsOf(found)).toEqual(['PEBL.SIM', 'ACME.SIM', 'PEBL.SIM']);
    await expect(instruments.forSymbols(anonymousViewer(), ['ACME.SIM', 'NOPE'])).rejects.toThrow(
      new UnknownSymbol('NOPE'),
    );
  });
});
