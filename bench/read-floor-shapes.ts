import { encodeGlobalId } from '../src/schema/global-ids.ts';

/** A row as PostgreSQL writes it, its columns in the order of the statement. */
export type Row = readonly string[];

/** PostgreSQL writes all decimals of a column; the graph writes none that say nothing. */
export function decimal(text: string): string {
  if (!text.includes('.')) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === 48) end -= 1;
  return text.slice(0, text.charCodeAt(end - 1) === 46 ? end - 1 : end);
}

/** As a connection in UTC writes it: `2025-02-01 15:00:00.25+00`. */
export function time(text: string): string {
  const ms = text.charAt(19) === '.' ? text.slice(20, -3).padEnd(3, '0').slice(0, 3) : '000';
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${ms}Z`;
}

export const position = ([id, quantity, averagePrice, realizedPnl, openedAt, symbol]: Row) => ({
  id: encodeGlobalId('Position', id ?? ''),
  quantity: decimal(quantity ?? ''),
  averagePrice: decimal(averagePrice ?? ''),
  realizedPnl: decimal(realizedPnl ?? ''),
  openedAt: time(openedAt ?? ''),
  instrument: { symbol },
});

export const valuedPosition = (row: Row) => ({
  ...position(row),
  marketValue: decimal(row[6] ?? ''),
  unrealizedPnl: decimal(row[7] ?? ''),
});

export const viewerShape =
  (positionShape: (row: Row) => object) =>
  ([person = []]: readonly Row[] = [], positions: readonly Row[] = []) => ({
    viewer: {
      user: { id: encodeGlobalId('User', person[0] ?? ''), username: person[1] },
      accounts: {
        nodes: [
          {
            id: encodeGlobalId('Account', person[2] ?? ''),
            name: person[3],
            currency: person[4],
            cash: decimal(person[5] ?? ''),
            positions: { nodes: positions.map(positionShape) },
          },
        ],
      },
    },
  });

export const order = (row: Row) => ({
  id: encodeGlobalId('Order', row[0] ?? ''),
  side: row[1],
  type: row[2],
  status: row[3],
  quantity: decimal(row[4] ?? ''),
  filledQuantity: decimal(row[5] ?? ''),
  averageFillPrice: decimal(row[6] ?? ''),
  createdAt: time(row[7] ?? ''),
  instrument: { symbol: row[8] },
});

const trade = ([, id, quantity, price, fee, executedAt]: Row) => ({
  id: encodeGlobalId('Trade', id ?? ''),
  quantity: decimal(quantity ?? ''),
  price: decimal(price ?? ''),
  fee: decimal(fee ?? ''),
  executedAt: time(executedAt ?? ''),
});

export function ordersShape(orders: readonly Row[] = [], trades: readonly Row[] = []): object {
  const tradesOf = new Map<string, object[]>();
  for (const row of trades) {
    const [orderId = ''] = row;
    const known = tradesOf.get(orderId);
    if (known) known.push(trade(row));
    else tradesOf.set(orderId, [trade(row)]);
  }
  const nodes = orders.map((row) => ({
    ...order(row),
    trades: { nodes: tradesOf.get(row[0] ?? '') ?? [] },
  }));
  return { orders: { nodes } };
}

/** Models by their return, the highest first; the same return is the same rank. */
export function boardShape(rows: readonly Row[], withOwner: boolean): object {
  const scored = rows.map((row) => ({
    row,
    name: `${row[1] ?? ''} ${row[0] ?? ''}`,
    score: Number(row[4]),
  }));
  scored.sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  let rank = 0;
  const nodes = scored.map(({ row, score }, index) => {
    if (index === 0 || scored[index - 1]?.score !== score) rank = index + 1;
    const [id = '', name, equity = '', startingEquity = '', gained = '', sample, owner] = row;
    return {
      rank,
      modelName: name,
      return: decimal(gained),
      equity: decimal(equity),
      startingEquity: decimal(startingEquity),
      sampleSize: Number(sample),
      model: {
        id: encodeGlobalId('Model', id),
        name,
        // Whoever the walls hide is null here as well.
        ...(withOwner && { owner: owner ? { username: owner } : null }),
      },
    };
  });
  return { leaderboard: { entries: { nodes } } };
}
