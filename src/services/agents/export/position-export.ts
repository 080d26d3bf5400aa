import { Decimal, toText } from '../../platform/money.ts';
import { Prisma } from '../../platform/prisma/client.ts';
import { streamRows } from '../../platform/row-stream.ts';
import type { Tx } from '../../platform/database.ts';
import type { ImportedAction } from '../../platform/prisma/enums.ts';
import type { ExportedTrader } from './log-export.ts';
import { exchangeIn } from './record-names.ts';

interface RecordRow {
  readonly line: number;
  readonly row_id: string | null;
  readonly date: string;
  readonly action: ImportedAction;
  readonly symbol: string | null;
  readonly amount: Prisma.Decimal | null;
  readonly stated_price: Prisma.Decimal | null;
  readonly cash: string;
}

interface Change {
  readonly line: number;
  readonly symbol: string;
  readonly quantity: Prisma.Decimal;
}

/**
 * position.jsonl of a trader, as it was read: its rows, and what was held after each by the trades
 * that were booked for it. Line by line, since another import of it goes by lines.
 */
export async function* positionText(tx: Tx, trader: ExportedTrader): AsyncGenerator<string> {
  const changes = streamRows<Change>(tx, 'exported_changes', changesQuery(trader.accountId));
  const rows = streamRows<RecordRow>(
    tx,
    'exported_rows',
    Prisma.sql`SELECT line, row_id, date, action, symbol, amount, stated_price, cash
      FROM imported_rows WHERE account_id = ${trader.accountId}::uuid ORDER BY line`,
  );
  const held = new Map(trader.model.universe.map((symbol) => [symbol, '0']));
  let change = await changes.next();
  let written = 0;
  for await (const row of rows) {
    // Empty lines of the file are no rows.
    for (; written < row.line - 1; written += 1) yield '\n';
    while (change.done !== true && change.value.line <= row.line) {
      held.set(change.value.symbol, toText(new Decimal(change.value.quantity)));
      change = await changes.next();
    }
    yield `${rowText(row, held, trader.zone)}\n`;
    written = row.line;
  }
}

/** What the position of a symbol came to with each trade, in the order of the file. */
function changesQuery(accountId: string): Prisma.Sql {
  return Prisma.sql`
    SELECT split_part(t.import_key, ':', 2)::int AS line, i.symbol, t.position_quantity AS quantity
    FROM trades t JOIN instruments i ON i.id = t.instrument_id
    WHERE t.account_id = ${accountId}::uuid AND t.import_key LIKE 'position.jsonl:%'
    ORDER BY 1, t.id`;
}

/** By hand, since a JSON number of JavaScript's would not keep the digits. */
function rowText(row: RecordRow, held: ReadonlyMap<string, string>, zone: string): string {
  const positions = [...held].map(([symbol, quantity]) => `${JSON.stringify(symbol)}: ${quantity}`);
  const fields = [
    `"date": ${JSON.stringify(row.date)}`,
    ...(row.row_id === null ? [] : [`"id": ${idText(row.row_id)}`]),
    ...(row.action === 'NONE' ? [] : [`"this_action": ${actionText(row, zone)}`]),
    `"positions": {${[...positions, `"CASH": ${row.cash}`].join(', ')}}`,
  ];
  return `{${fields.join(', ')}}`;
}

function idText(id: string): string {
  return /^(0|[1-9]\d{0,14})$/.test(id) ? id : JSON.stringify(id);
}

function actionText({ action, symbol, amount, stated_price }: RecordRow, zone: string): string {
  const isCrypto = exchangeIn(zone).name === 'CRYPTO';
  const name = action === 'NO_TRADE' || !isCrypto ? action : `${action}_CRYPTO`;
  const fields = [
    `"action": "${name.toLowerCase()}"`,
    `"symbol": ${JSON.stringify(symbol ?? '')}`,
    `"amount": ${amount ? toText(amount) : '0'}`,
    ...(stated_price ? [`"price": ${toText(stated_price)}`] : []),
  ];
  return `{${fields.join(', ')}}`;
}
