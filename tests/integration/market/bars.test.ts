import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { barsQuery, createBars, type BarsFilter } from '../../../src/services/market/bars.ts';
import { InvalidInput } from '../../../src/services/platform/errors.ts';
import { anonymousViewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';

const database = await createTestDatabase();
const NOW = new Date('2026-01-06T00:00:00Z');
const bars = createBars({ db: database.server, clock: { now: () => NOW } });
const [daily, busy, other] = [randomUUID(), randomUUID(), randomUUID()];
const [imported, many] = [randomUUID(), randomUUID()];

/** 5 January 2026: three bars of an hour, of which the last is not over and the second was corrected. */
const at = (clock: string) => new Date(`2026-01-05T${clock}Z`);

beforeAll(async () => {
  await database.query(
    `INSERT INTO instruments (id, symbol, name, asset_class, currency, zone, tick_size, lot_size,
       is_tradable, source, fee_bps, created_at)
     SELECT id, left(id::text, 8) || '.SIM', 'Test', 'STOCK', 'USD', 'UTC', 0.01, 1, true, 'SIMULATED', 0, now()
     FROM unnest($1::uuid[]) AS made (id)`,
    [[daily, busy, other, imported, many]],
  );
  await database.query(
    `INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, high, low,
       close, volume, source)
     SELECT $1, 'HOUR_1', opened, known, opened + interval '1 hour', open, high, low, close, volume, 'SIMULATED'
     FROM (VALUES
       (timestamptz '2026-01-05 12:00Z', timestamptz '2026-01-05 12:00Z', 10, NULL, NULL, NULL, NULL),
       ('2026-01-05 12:00Z', '2026-01-05 13:00Z', 10, 12, 9, 11, 100),
       ('2026-01-05 13:00Z', '2026-01-05 13:00Z', 11, NULL, NULL, NULL, NULL),
       ('2026-01-05 13:00Z', '2026-01-05 14:00Z', 11, 15, 11, 14, 200),
       ('2026-01-05 13:00Z', '2026-01-05 18:00Z', 11, 15, 11, 13.5, 210),
       ('2026-01-05 14:00Z', '2026-01-05 14:00Z', 14, NULL, NULL, NULL, NULL),
       ('2026-01-05 14:00Z', '2026-01-05 14:20Z', 14, 16, 14, 16, 5)
     ) AS b (opened, known, open, high, low, close, volume)`,
    [daily],
  );
  // As the records have them: 12:00 whole, 13:00 whole and corrected a day later, 14:00 by its open alone.
  await database.query(
    `INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, high, low,
       close, volume, source)
     SELECT $1, 'HOUR_1', opened, known, opened + interval '1 hour', open, high, low, close, volume, 'IMPORTED'
     FROM (VALUES
       (timestamptz '2026-01-05 12:00Z', timestamptz '2026-01-05 13:00Z', 10, 12, 9, 11, 100),
       ('2026-01-05 13:00Z', '2026-01-05 14:00Z', 11, 15, 11, 14, 200),
       ('2026-01-05 13:00Z', '2026-01-05 20:00Z', 10.5, 15, 10, 14, 200),
       ('2026-01-05 14:00Z', '2026-01-05 14:00Z', 14, NULL, NULL, NULL, NULL)
     ) AS b (opened, known, open, high, low, close, volume)`,
    [imported],
  );
});

/** "12:00 open high low close volume" of each bar, newest first. */
async function list(filter: Partial<BarsFilter> = {}) {
  const rows = await bars.list(anonymousViewer(), {
    instrumentId: daily,
    interval: 'HOUR_1',
    limit: 100,
    ...filter,
  });
  return rows.map(({ openTime, open, high, low, close, volume }) =>
    [
      openTime.toISOString().slice(11, 16),
      ...[open, high, low, close, volume].map((value) => value?.toFixed() ?? '-'),
    ].join(' '),
  );
}

describe('bars at a time', () => {
  test('show what was known then, and a bar that was not over by its open alone', async () => {
    expect(await list({ asOf: at('11:59:59') })).toEqual([]);
    expect(await list({ asOf: at('12:00:00') })).toEqual(['12:00 10 - - - -']);
    expect(await list({ asOf: at('12:59:59') })).toEqual(['12:00 10 - - - -']);
    expect(await list({ asOf: at('13:00:00') })).toEqual([
      '13:00 11 - - - -',
      '12:00 10 12 9 11 100',
    ]);
    expect(await list({ asOf: at('14:10:00') })).toEqual([
      '14:00 14 - - - -',
      '13:00 11 15 11 14 200',
      '12:00 10 12 9 11 100',
    ]);
  });

  test('show a correction from the time on when it was known', async () => {
    const [, before] = await list({ asOf: at('17:59:59') });
    const [, after] = await list({ asOf: at('18:00:00') });
    expect([before, after]).toEqual(['13:00 11 15 11 14 200', '13:00 11 15 11 13.5 210']);
  });

  test('keep what a stop in the middle knew back until the bar is over', async () => {
    const [before] = await list({ asOf: at('14:30:00') });
    const [after] = await list({ asOf: at('15:00:00') });
    expect([before, after]).toEqual(['14:00 14 - - - -', '14:00 14 16 14 16 5']);
  });

  test('are those of now when no time is given, and never of later', async () => {
    const now = await list();
    expect(now).toHaveLength(3);
    expect(await list({ asOf: new Date('2030-01-01T00:00:00Z') })).toEqual(now);
  });

  test('of the records have their open when they open, and are whole when they close', async () => {
    const of = (clock: string) => list({ instrumentId: imported, asOf: at(clock) });
    expect(await of('11:59:59')).toEqual([]);
    expect(await of('12:00:00')).toEqual(['12:00 10 - - - -']);
    expect(await of('12:59:59')).toEqual(['12:00 10 - - - -']);
    expect(await of('13:00:00')).toEqual(['13:00 11 - - - -', '12:00 10 12 9 11 100']);
    expect(await of('14:00:00')).toEqual([
      '14:00 14 - - - -',
      '13:00 11 15 11 14 200',
      '12:00 10 12 9 11 100',
    ]);
    expect((await of('20:00:00'))[1]).toBe('13:00 10.5 15 10 14 200');
  });

  test('of the records are counted and dated as they were known', async () => {
    const span = { instrumentId: imported, interval: 'HOUR_1' as const };
    const countAt = (clock: string) => bars.count(anonymousViewer(), { ...span, asOf: at(clock) });
    expect(await Promise.all(['11:59:59', '12:00:00', '13:30:00'].map(countAt))).toEqual([0, 1, 2]);
    const [open] = await bars.list(anonymousViewer(), { ...span, asOf: at('13:30:00'), limit: 1 });
    expect(open?.knownAt).toEqual(at('13:00:00'));
    const [, whole] = await bars.list(anonymousViewer(), {
      ...span,
      asOf: at('14:00:00'),
      limit: 2,
    });
    expect(whole?.knownAt).toEqual(at('14:00:00'));
  });

  test('come by page, from either end, within bounds', async () => {
    const times = async (filter: Partial<BarsFilter>) =>
      (await list(filter)).map((line) => line.slice(0, 5));
    expect(await times({ limit: 2 })).toEqual(['14:00', '13:00']);
    expect(await times({ limit: 2, after: at('13:00:00') })).toEqual(['12:00']);
    expect(await times({ limit: 2, before: at('13:00:00') })).toEqual(['14:00']);
    expect(await times({ limit: 2, inverted: true })).toEqual(['12:00', '13:00']);
    expect(await times({ from: at('13:00:00') })).toEqual(['14:00', '13:00']);
    expect(await times({ to: at('13:00:00') })).toEqual(['12:00']);
  });

  test.each([0, -1, 1.5, 5_002, Number.NaN])('refuse a limit of %s', async (limit) => {
    await expect(list({ limit })).rejects.toThrow(InvalidInput);
  });

  test('of another instrument or interval do not show', async () => {
    expect(await list({ instrumentId: other })).toEqual([]);
    expect(await list({ interval: 'DAY_1' })).toEqual([]);
  });
});

describe('with 100,000 rows', () => {
  const filter: BarsFilter & { asOf: Date } = {
    instrumentId: busy,
    interval: 'MINUTE_1',
    asOf: NOW,
    limit: 100,
  };
  beforeAll(async () => {
    // 50,000 minutes up to now, each with its open row and its whole row.
    await database.query(
      `INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, high, low,
         close, volume, source)
       SELECT $1, 'MINUTE_1', opened, opened + whole * interval '1 minute', opened + interval '1 minute',
         10, nullif(whole * 12, 0), nullif(whole * 9, 0), nullif(whole * 11, 0), nullif(whole * 5, 0), 'SIMULATED'
       FROM generate_series(0, 1) AS whole, generate_series(1, 50000) AS n,
         LATERAL (SELECT $2::timestamptz - n * interval '1 minute' AS opened) AS minute`,
      [busy, NOW],
    );
    await database.query('ANALYZE bars');
  });

  /** Rows that the plan read from the table for its answer. */
  async function explain(asked: BarsFilter & { asOf: Date }) {
    const { text, values } = barsQuery(asked);
    const [row] = await database.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      values,
    );
    if (!row) throw new Error('There is no plan.');
    return leavesOf(row['QUERY PLAN'][0].Plan);
  }

  test.each<[string, Partial<BarsFilter>]>([
    ['the newest', {}],
    ['a page in the middle', { after: new Date('2025-12-20T00:00:00Z') }],
    ['the oldest', { inverted: true }],
    ['an earlier time', { asOf: new Date('2025-12-10T00:00:30Z') }],
  ])('%s are read by the key, no more rows than the page needs', async (_what, asked) => {
    const [leaf, ...others] = await explain({ ...filter, asOf: NOW, ...asked });
    expect(others).toEqual([]);
    expect(leaf?.['Node Type']).toBe('Index Scan');
    expect(leaf?.['Index Name']).toBe('bars_pkey');
    // Two rows a bar and 100 bars make 200; an inverted list is sorted in groups of 32 rows or more.
    expect(leaf?.['Actual Rows']).toBeLessThanOrEqual(200 + 32);
  });

  test('those of the records are read by the key as well', async () => {
    // 50,000 minutes, each stored once, when it was over.
    await database.query(
      `INSERT INTO bars (instrument_id, interval, open_time, known_at, close_time, open, high, low,
         close, volume, source)
       SELECT $1, 'MINUTE_1', $2::timestamptz - n * interval '1 minute',
         $2::timestamptz - (n - 1) * interval '1 minute',
         $2::timestamptz - (n - 1) * interval '1 minute', 10, 12, 9, 11, 5, 'IMPORTED'
       FROM generate_series(1, 50000) AS n`,
      [many, NOW],
    );
    await database.query('ANALYZE bars');
    const asOf = new Date('2025-12-10T00:00:30Z');
    for (const asked of [{}, { asOf }, { inverted: true }]) {
      const [leaf, ...others] = await explain({ ...filter, instrumentId: many, ...asked });
      expect(others).toEqual([]);
      expect(leaf?.['Index Name']).toBe('bars_pkey');
      expect(leaf?.['Actual Rows']).toBeLessThanOrEqual(100 + 32);
    }
  });

  test('5,000 bars come in one list', async () => {
    const rows = await bars.list(anonymousViewer(), { ...filter, limit: 5_000 });
    expect(rows).toHaveLength(5_000);
    expect(rows[0]?.openTime).toEqual(new Date(NOW.getTime() - 60_000));
    expect(rows.every(({ close }) => close?.equals(11))).toBe(true);
  });
});

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly Plans?: readonly PlanNode[];
}

function leavesOf(node: PlanNode): PlanNode[] {
  return node.Plans ? node.Plans.flatMap(leavesOf) : [node];
}
