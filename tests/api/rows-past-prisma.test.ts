import { deepStrictEqual } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/services/platform/database.ts';
import { columnsOf } from '../../src/services/platform/model-columns.ts';
import { Prisma } from '../../src/services/platform/prisma/client.ts';
import type { Query } from '../../src/services/platform/query.ts';
import { systemViewer } from '../../src/services/platform/viewer.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { settleEstate } from '../support/estate.ts';
import { openGraph } from '../support/graph.ts';

let database: TestDatabase;
let tables: ReadonlyMap<string, string>;
/** All but the one whose rows nobody reads but by functions. */
const MODELS = Object.values(Prisma.ModelName).filter((model) => model !== 'RefreshToken');
/** Models of which there were rows to compare. */
const compared = new Set<string>();

beforeAll(async () => {
  database = await createTestDatabase();
  const graph = await openGraph(database);
  afterAll(() => graph.app.stop());
  await settleEstate(graph, database);
  tables = await readTableNames();
});

/** The table of each model, as the schema has it. */
async function readTableNames(): Promise<ReadonlyMap<string, string>> {
  const schema = await readFile('prisma/schema.prisma', 'utf8');
  const found = schema.matchAll(/^model (\w+) \{.*?^ {2}@@map\("(\w+)"\)/gms);
  return new Map([...found].map(([, model = '', table = '']) => [model, table]));
}

/** What Prisma and what a statement past it read of one state, each in an order of its own. */
async function readBoth(db: Database, model: Prisma.ModelName) {
  const viewer = systemViewer();
  db.beginSnapshot(viewer);
  try {
    const name = `${model.charAt(0).toLowerCase()}${model.slice(1)}` as 'order';
    const byPrisma: object[] = await db.snapshot(viewer, (tx) => tx[name].findMany());
    const query: Query = {
      text: `SELECT ${columnsOf(model)} FROM ${String(tables.get(model))}`,
      values: [],
    };
    return { byPrisma, past: await db.read(viewer, (ask) => ask(query)) };
  } finally {
    await db.endSnapshot(viewer);
  }
}

const sorted = (rows: readonly object[]): object[] =>
  rows
    .map((row) => ({ row, text: inspect(row, { depth: 9 }) }))
    .sort((one, other) => (one.text < other.text ? -1 : 1))
    .map(({ row }) => row);

describe('a row that is read past Prisma', () => {
  it.each(MODELS)('is as Prisma has it: %s', async (model) => {
    const { byPrisma, past } = await readBoth(database.worker, model);
    if (past.length > 0) compared.add(model);
    // By Node's, which looks at prototypes and at the kind of each list of bytes.
    deepStrictEqual(sorted(past), sorted(byPrisma));
  });

  it('was there to be compared, of all models but those that others empty', () => {
    const empty = MODELS.filter((model) => !compared.has(model));
    expect(['AuditSeal', 'Duty', 'OutboxEvent', 'PlatformSecret']).toEqual(
      expect.arrayContaining(empty),
    );
  });
});

const NUMERICS = [
  ...['0', '0.000000000000000000', '1', '-1', '10000000', '9999999', '-0.000000000000000001'],
  ...['99999999999999999999.999999999999999999', '-99999999999999999999.999999999999999999'],
  ...['12345678901234567890.123456789012345678', '100000000000000.000000100000000000'],
  ...['0.1', '0.01', '0.001', '0.0001', '0.00001', '0.000001', '0.0000001', '0.00000001'],
];
const TIMES = [
  ...['2026-11-22 07:13:59.123456+00', '2026-11-22 07:13:59.999999+00', '2026-11-22 07:13:59+00'],
  ...['1969-12-31 23:59:59.999999+00', '0001-01-01 00:00:00+00', '9999-12-31 23:59:59.9+00'],
  ...['2024-02-29 12:00:00.5+02', '0099-05-06 07:08:09.01+00'],
];

const VALUES: readonly (readonly [type: string, text: string])[] = [
  ...NUMERICS.map((text) => ['numeric', text] as const),
  ...TIMES.map((text) => ['timestamptz', text] as const),
  ...([
    ['bigint', '-9223372036854775808'],
    ['int', '-2147483648'],
    ['smallint', '7'],
    ['double precision', '1e-300'],
    ['real', '0.1'],
    ['boolean', 'true'],
    ['date', '2024-02-29'],
    ['bytea', String.raw`\x00ff10`],
    ['uuid', '00000000-0000-7000-8000-000000000001'],
    ['jsonb', '{"a": [1, 2.5, null, "x"], "__proto__": 1}'],
    ['text', 'a "quoted" text, 😀'],
    ['text[]', '{"a b","c,d",NULL}'],
    ['numeric[]', '{1.50,-2}'],
    ['numeric[]', '{}'],
    ['bigint[]', '{1,-2}'],
    ['double precision[]', '{1.5,2}'],
    ['order_status', 'FILLED'],
  ] as const),
];

describe('a value that is read past Prisma', () => {
  it.each(VALUES)('is as Prisma has it: %s %s', async (type, text) => {
    const viewer = systemViewer();
    const sql = `SELECT $1::text::${type} AS value, NULL::${type} AS nothing`;
    const byPrisma = await database.worker.snapshot(viewer, (tx) =>
      tx.$queryRawUnsafe<object[]>(sql, text),
    );
    const past = await database.worker.read(viewer, (ask) => ask({ text: sql, values: [text] }));
    deepStrictEqual(past, byPrisma);
  });
});
