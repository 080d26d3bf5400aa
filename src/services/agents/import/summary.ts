import type { PriceSummary } from '../../market/import/price-importer.ts';
import type { Decimal } from '../../platform/money.ts';

/** What an import found in the records of one trader, and what it added to ours. */
export interface TraderSummary {
  readonly name: string;
  readonly modelId: string;
  readonly accountId: string;
  readonly isNew: boolean;
  /** Rows of position.jsonl: one opens the account, the others are trades and days without one. */
  readonly rows: number;
  readonly trades: number;
  readonly noTrades: number;
  /** Trades of an amount of 0, which book nothing. */
  readonly zeroTrades: number;
  readonly tradesAdded: number;
  /** Trades whose price is the open of their day. */
  readonly tradesAtOpen: number;
  readonly messages: number;
  readonly messagesAdded: number;
  /** Of our ledger after the last row; the file's to the cent, or the import would have refused. */
  readonly cash: Decimal;
  readonly positions: number;
}

export interface ImportSummary {
  readonly prices: PriceSummary;
  readonly traders: readonly TraderSummary[];
  /** Rows that were added: 0 when everything was there. */
  readonly changes: number;
}

export function summaryOf(prices: PriceSummary, traders: readonly TraderSummary[]): ImportSummary {
  const changes = traders.reduce(
    (sum, trader) => sum + Number(trader.isNew) + trader.tradesAdded + trader.messagesAdded,
    prices.instrumentsAdded + prices.barsAdded,
  );
  return { prices, traders, changes };
}

/** How far an import is; `doneBytes` never goes back. */
export interface ImportProgress {
  readonly step: 'CHECK' | 'PRICES' | 'TRADERS';
  /** What is read now, such as the name of a trader. */
  readonly label: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}
