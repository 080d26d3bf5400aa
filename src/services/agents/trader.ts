import type { Decimal } from '../platform/money.ts';
import type { AgentLogKind, OrderSide } from '../platform/prisma/enums.ts';
import type { Bar, Prisma } from '../platform/prisma/client.ts';
import type { Quote } from '../market/quote.ts';

/**
 * What a trader knows when it decides. Everything in it was known at `asOf`: quotes and bars are
 * clamped by the data gateway that makes the briefing, so that no trader can look ahead.
 */
export interface Briefing {
  readonly asOf: Date;
  readonly account: BriefedAccount;
  /** Open positions only. */
  readonly positions: readonly BriefedPosition[];
  /** The markets that it may trade: its universe, in the order of the model's. */
  readonly markets: readonly BriefedMarket[];
  readonly limits: TradingLimits;
}

export interface BriefedAccount {
  readonly currency: string;
  readonly cash: Decimal;
  /** Cash that no open order holds back. */
  readonly buyingPower: Decimal;
}

export interface BriefedPosition {
  readonly symbol: string;
  readonly quantity: Decimal;
  readonly averageCost: Decimal;
}

export interface BriefedMarket {
  readonly symbol: string;
  readonly isTradable: boolean;
  readonly tickSize: Decimal;
  readonly lotSize: Decimal;
  readonly feeBps: Decimal;
  /** Undefined while there is none that is fresh; the market cannot be traded then. */
  readonly quote: Quote | undefined;
  /** The last minutes of quotes, oldest first. */
  readonly recentQuotes: readonly Quote[];
  /** Bars, newest first; one that is not closed at `asOf` has its open alone. */
  readonly recentBars: readonly Bar[];
}

export interface TradingLimits {
  /** How many orders one run may place; decisions past it are not carried out. */
  readonly ordersMax: number;
  /** The largest share of the equity that one position may take, from 0 to 1. */
  readonly positionShareMax: Decimal;
}

export interface Decision {
  readonly action: OrderSide | 'HOLD';
  readonly symbol: string;
  /** Positive and a multiple of the lot; zero for HOLD. */
  readonly quantity: Decimal;
  /** In words, for the agent log. */
  readonly reason: string;
}

/** A line for the agent log, in the order in which it was thought. */
export interface TraderLogLine {
  readonly kind: AgentLogKind;
  readonly content: string;
  readonly data?: Prisma.InputJsonObject;
}

export interface TraderUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: Decimal;
}

export interface TraderOutcome {
  /** In the order in which they are to be carried out. Doing nothing needs no HOLD. */
  readonly decisions: readonly Decision[];
  /** What led to the decisions. What became of each of them is logged by whoever carries it out. */
  readonly log: readonly TraderLogLine[];
  readonly usage: TraderUsage;
}

/**
 * Something that decides: a built-in strategy, or a language model. It sees its briefing and
 * nothing else, and only proposes; the orders that follow pass the same gate as everyone's.
 */
export interface Trader {
  /** `signal` ends a decision that takes too long; the promise then rejects with its reason. */
  decide(briefing: Briefing, signal: AbortSignal): Promise<TraderOutcome>;
}
