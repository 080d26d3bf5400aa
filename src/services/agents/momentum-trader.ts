import { Decimal, ZERO } from '../platform/money.ts';
import { momentumOf, type Momentum, type MomentumWindows } from './momentum.ts';
import type { BriefedMarket, Briefing, Decision, Trader, TraderOutcome } from './trader.ts';

export interface MomentumOptions extends MomentumWindows {
  /** Momentum from which it buys. */
  readonly buyAboveBps: Decimal;
  /** Momentum at or below which it sells what it holds. */
  readonly sellBelowBps: Decimal;
  /** Share of the equity that it puts into a position, from 0 to 1. */
  readonly positionShare: Decimal;
  /** How many positions it opens in one run, so that it does not buy everything at once. */
  readonly entriesMax: number;
  /** How many positions it holds at once, so that a wide universe does not make it trade more. */
  readonly positionsMax: number;
}

/** Made for runs some seconds apart: on the simulated market it trades about every 10 to 30 s. */
const MOMENTUM_DEFAULTS: MomentumOptions = {
  shortMs: 10_000,
  longMs: 60_000,
  warmUpMs: 5_000,
  shortBars: 3,
  longBars: 12,
  buyAboveBps: new Decimal(2),
  sellBelowBps: new Decimal(-2),
  positionShare: new Decimal('0.02'),
  entriesMax: 1,
  positionsMax: 3,
};

/**
 * What a market buy costs at most for each unit of its notional: the gate reserves 5% above the
 * quote, and its fee; see "Accounts and the ledger" of the domain's rules.
 */
const RESERVE_FACTOR = new Decimal('1.06');

/**
 * The trader that is built in. It buys a market whose short moving average is above the long one by
 * enough, and sells all of it when the short one is back below. It never sells short, holds each
 * market once, and is pure: the same briefing gets the same answer. On a market without momentum,
 * such as the simulated one, it earns nothing in the long run and pays the spread and the fees.
 */
export function createMomentumTrader(options: Partial<MomentumOptions> = {}): Trader {
  const rules = { ...MOMENTUM_DEFAULTS, ...options };
  return {
    async decide(briefing, signal) {
      signal.throwIfAborted();
      return decide(briefing, rules);
    },
  };
}

interface Reading {
  readonly market: BriefedMarket;
  readonly momentum: Momentum;
  /** Quantity held. */
  readonly held: Decimal;
}

function decide(briefing: Briefing, rules: MomentumOptions): TraderOutcome {
  const readings = readMarkets(briefing, rules);
  const sales = readings.filter(
    ({ held, momentum }) =>
      held.greaterThan(0) && momentum.bps.lessThanOrEqualTo(rules.sellBelowBps),
  );
  const candidates = readings
    .filter(({ held, momentum }) => held.isZero() && momentum.bps.greaterThan(rules.buyAboveBps))
    .sort((a, b) => b.momentum.bps.comparedTo(a.momentum.bps));
  const decisions = [
    ...sales.map((reading) => sell(reading, rules)),
    ...buyStrongest(briefing, candidates, rules),
  ].slice(0, briefing.limits.ordersMax);
  return {
    decisions,
    log: [{ kind: 'ASSISTANT', content: summarize(briefing, readings, decisions) }],
    usage: { inputTokens: 0, outputTokens: 0, costUsd: ZERO },
  };
}

/** The markets that can be traded now and whose momentum is known. */
function readMarkets(briefing: Briefing, rules: MomentumOptions): Reading[] {
  const held = new Map(briefing.positions.map(({ symbol, quantity }) => [symbol, quantity]));
  return briefing.markets.flatMap((market) => {
    if (!market.isTradable || !market.quote) return [];
    const momentum = momentumOf(market, briefing.asOf, rules);
    return momentum ? [{ market, momentum, held: held.get(market.symbol) ?? ZERO }] : [];
  });
}

function sell({ market, momentum, held }: Reading, rules: MomentumOptions): Decision {
  return {
    action: 'SELL',
    symbol: market.symbol,
    quantity: held,
    reason:
      `Momentum turned: ${inWords(momentum)}, at or below ${signed(rules.sellBelowBps)} bps. ` +
      `Selling all ${held.toFixed()} at about ${(market.quote?.bid ?? ZERO).toFixed()}.`,
  };
}

function buyStrongest(
  briefing: Briefing,
  candidates: readonly Reading[],
  rules: MomentumOptions,
): Decision[] {
  const equity = equityOf(briefing);
  const share = Decimal.min(rules.positionShare, briefing.limits.positionShareMax);
  const target = equity.times(share);
  let affordable = briefing.account.buyingPower.dividedBy(RESERVE_FACTOR);
  const held = briefing.positions.filter(({ quantity }) => !quantity.isZero());
  const entriesMax = Math.min(rules.entriesMax, rules.positionsMax - held.length);
  const decisions: Decision[] = [];
  for (const { market, momentum } of candidates) {
    if (decisions.length >= entriesMax) break;
    const ask = market.quote?.ask ?? ZERO;
    const quantity = wholeLots(Decimal.min(target, affordable).dividedBy(ask), market.lotSize);
    if (quantity.isZero()) continue;
    affordable = affordable.minus(quantity.times(ask));
    decisions.push({
      action: 'BUY',
      symbol: market.symbol,
      quantity,
      reason:
        `Momentum is up: ${inWords(momentum)}, above ${signed(rules.buyAboveBps)} bps. ` +
        `Buying ${quantity.toFixed()} at about ${ask.toFixed()} for ` +
        `${quantity.times(ask).toFixed(2)} ${briefing.account.currency}, up to ` +
        `${share.times(100).toFixed()}% of an equity of ${equity.toFixed(2)}.`,
    });
  }
  return decisions;
}

/** Cash and positions at what they would bring now; one without a quote counts at its cost. */
function equityOf({ account, positions, markets }: Briefing): Decimal {
  const quotes = new Map(markets.map(({ symbol, quote }) => [symbol, quote]));
  return positions.reduce(
    (sum, { symbol, quantity, averageCost }) =>
      sum.plus(quantity.times(quotes.get(symbol)?.bid ?? averageCost)),
    account.cash,
  );
}

function wholeLots(quantity: Decimal, lotSize: Decimal): Decimal {
  return Decimal.max(ZERO, quantity.dividedToIntegerBy(lotSize).times(lotSize));
}

function inWords({ shortAverage, longAverage, bps, basis }: Momentum): string {
  const [short, long] = [shortAverage, longAverage].map((price) => price.toSignificantDigits(7));
  return (
    `the short average ${String(short?.toFixed())} is ${signed(bps)} bps from the long average ` +
    `${String(long?.toFixed())} (${basis})`
  );
}

function summarize(
  { markets }: Briefing,
  readings: readonly Reading[],
  decisions: readonly Decision[],
): string {
  const done = decisions.map(({ action, symbol, quantity }) =>
    [action === 'BUY' ? 'Buying' : 'Selling', quantity.toFixed(), symbol].join(' '),
  );
  if (readings.length === 0) {
    return `Waiting: none of ${String(markets.length)} markets has enough fresh prices yet.`;
  }
  const seen = readings.map(({ market, momentum, held }) => {
    const position = held.isZero() ? '' : ' (held)';
    return `${market.symbol}${position} ${signed(momentum.bps)} bps`;
  });
  return `${done.length > 0 ? done.join(', ') : 'Nothing to do'}. Momentum: ${seen.join(', ')}.`;
}

function signed(bps: Decimal): string {
  const digits = bps.toFixed(1);
  return digits.startsWith('-') ? digits.replace('-', '−') : `+${digits}`;
}
