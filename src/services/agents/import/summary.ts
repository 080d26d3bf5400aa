import type { MarketName } from '../../market/import/exchange.ts';
import type { PriceSummary } from '../../market/import/price-importer.ts';
import type { Decimal } from '../../platform/money.ts';
import type { EquityProof } from './equity-proof.ts';
import type { Correction, Flag } from './findings.ts';
import type { Proof } from './proof.ts';

/** What an import found in the records of one trader, and what it added to ours. */
export interface TraderSummary {
  readonly name: string;
  readonly importKey: string;
  readonly market: MarketName;
  readonly interval: 'DAY_1' | 'HOUR_1';
  readonly currency: string;
  readonly modelId: string;
  readonly accountId: string;
  readonly isNew: boolean;
  /** Rows of position.jsonl, of all kinds. */
  readonly rows: number;
  readonly trades: number;
  readonly noTrades: number;
  /** Trades of an amount of 0, which book nothing. */
  readonly zeroTrades: number;
  /** Later rows without an action, which begin the account anew. */
  readonly restarts: number;
  readonly rowsAdded: number;
  readonly tradesAdded: number;
  /** Trades of its rows whose price is the open of their day or hour. */
  readonly tradesAtOpen: number;
  /** Rows that do not follow from the one before. */
  readonly correctionCount: number;
  readonly correctionsAdded: number;
  /** The first of them, by line. */
  readonly corrections: readonly Correction[];
  readonly flagCount: number;
  /** The first of them, by line. */
  readonly flags: readonly Flag[];
  readonly messages: number;
  readonly messagesAdded: number;
  /**
   * Of our ledger after the last row; the file's as it is booked, or the import would have refused.
   */
  readonly cash: Decimal;
  /** Symbols of which something is held. */
  readonly positions: number;
  readonly proof: Proof;
  /** Null when no price is known of any time since the account opened. */
  readonly equity: EquityProof | null;
  readonly equityPoints: number;
  readonly equityPointsChanged: number;
}

/** What an import found in files of news, and what it added to ours. */
export interface NewsSummary {
  readonly files: number;
  readonly articles: number;
  readonly articlesAdded: number;
}

export interface ImportSummary {
  readonly prices: PriceSummary;
  /** Files that are named like prices, and hold none that could be read. */
  readonly ignoredFiles: readonly string[];
  readonly news: NewsSummary;
  readonly traders: readonly TraderSummary[];
  /** Points of accounts of earlier imports that later prices added or changed. */
  readonly otherEquityPointsChanged: number;
  /** What was added or changed in all: 0 when everything was there. */
  readonly changes: number;
  /** Of the files that were read. */
  readonly sizeBytes: number;
}

export function summaryOf(parts: Omit<ImportSummary, 'changes'>): ImportSummary {
  const { prices, news, traders, otherEquityPointsChanged } = parts;
  const ofTraders = traders.reduce((sum, trader) => sum + changesOf(trader), 0);
  const ofMarket =
    prices.instrumentsAdded + prices.instrumentsNamed + prices.barsAdded + news.articlesAdded;
  return { ...parts, changes: ofMarket + ofTraders + otherEquityPointsChanged };
}

/** Trades and corrections come of rows, and are not counted beside them. */
export function changesOf(
  trader: Pick<
    TraderSummary,
    'isNew' | 'rowsAdded' | 'tradesAdded' | 'messagesAdded' | 'equityPointsChanged'
  >,
): number {
  const { isNew, rowsAdded, messagesAdded, equityPointsChanged } = trader;
  return Number(isNew) + rowsAdded + messagesAdded + equityPointsChanged;
}

/** How far an import is; `doneBytes` never goes back. */
export interface ImportProgress {
  readonly step: 'PRICES' | 'NEWS' | 'TRADERS' | 'EQUITY';
  /** What is read now, such as the name of a trader. */
  readonly label: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export type OnRead = (label: string, sizeBytes: number) => void;
