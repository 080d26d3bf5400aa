import { expect, it } from 'vitest';
import { tableText, type TableFormat } from '../../../src/services/platform/table-text.ts';
import { Decimal } from '../../../src/services/platform/money.ts';

const COLUMNS = ['text', 'amount', 'at', 'list', 'data'];

async function textOf(rows: Record<string, unknown>[], format: TableFormat): Promise<string> {
  const pieces: string[] = [];
  const given = (async function* () {
    yield* rows;
    await Promise.resolve();
  })();
  for await (const piece of tableText(given, COLUMNS, format)) pieces.push(piece);
  return pieces.join('');
}

const row = (values: Record<string, unknown>) => ({
  text: null,
  amount: null,
  at: null,
  list: null,
  data: null,
  ...values,
});

it('writes decimals in plain digits and times in UTC', async () => {
  const rows = [row({ amount: new Decimal('-0.00000001'), at: new Date('2025-10-01T13:30:00Z') })];
  expect(await textOf(rows, 'ndjson')).toBe(
    '{"text":null,"amount":"-0.00000001","at":"2025-10-01T13:30:00.000Z","list":null,"data":null}\n',
  );
  expect(await textOf(rows, 'csv')).toBe(
    'text,amount,at,list,data\n,-0.00000001,2025-10-01T13:30:00.000Z,,\n',
  );
});

it('quotes what would break a line of CSV, and joins lists', async () => {
  const rows = [row({ text: 'a "b",\nc', list: ['NO_BAR', 'OUT_OF_ORDER'], data: { a: 1 } })];
  expect(await textOf(rows, 'csv')).toBe(
    'text,amount,at,list,data\n"a ""b"",\nc",,,NO_BAR OUT_OF_ORDER,"{""a"":1}"\n',
  );
});

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1+1', '＝1+1', '－1', '＠A'])(
  'takes %j from a spreadsheet as a formula, and leaves it in NDJSON',
  async (text) => {
    const csv = await textOf([row({ text })], 'csv');
    expect(csv).toMatch(/\n"?'/);
    expect(JSON.parse(await textOf([row({ text })], 'ndjson'))).toMatchObject({ text });
  },
);

it('writes the line of names alone where there is no row', async () => {
  expect(await textOf([], 'csv')).toBe('text,amount,at,list,data\n');
  expect(await textOf([], 'ndjson')).toBe('');
});

it('fails when its rows do, and does not hang', async () => {
  const broken = (async function* () {
    yield row({ text: 'a' });
    await Promise.resolve();
    throw new Error('The connection is gone.');
  })();
  const read = async () => {
    for await (const piece of tableText(broken, COLUMNS, 'csv')) expect(piece).toBeTypeOf('string');
  };
  await expect(read()).rejects.toThrow('The connection is gone.');
});
