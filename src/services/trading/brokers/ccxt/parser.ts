import { z } from 'zod';
import { Decimal } from '../../../platform/money.ts';

/*
 * ccxt's unified structures, as far as they are used (docs.ccxt.com, "Manual"). Decimals come as
 * texts, as the exchange is told to give them; only whole numbers that ccxt makes itself come as
 * numbers.
 */

const text = z.union([z.string(), z.int().transform(String)]);
const decimal = text
  .pipe(z.string().regex(/^-?\d{1,30}(\.\d{1,80})?([eE][+-]?\d{1,2})?$/))
  .transform((digits) => new Decimal(digits));
const some = decimal.nullish().transform((value) => value ?? null);
const time = text
  .pipe(z.string().regex(/^\d{1,15}$/))
  .transform((ms) => new Date(Number(ms)))
  .nullish()
  .transform((value) => value ?? null);
const word = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

export const ccxtOrder = z.object({
  id: text,
  clientOrderId: text.nullish().transform((value) => value ?? null),
  symbol: word,
  side: z.enum(['buy', 'sell']).nullish(),
  status: word,
  amount: some,
  filled: some,
  timestamp: time,
  lastTradeTimestamp: time,
  lastUpdateTimestamp: time,
});
export type CcxtOrder = z.infer<typeof ccxtOrder>;

export const ccxtTrade = z.object({
  id: text,
  order: text,
  symbol: z.string(),
  side: z.enum(['buy', 'sell']),
  amount: decimal,
  price: decimal,
  takerOrMaker: z.enum(['taker', 'maker']).nullish(),
  timestamp: text.transform((ms) => new Date(Number(ms))),
  fees: z
    .array(z.object({ cost: some, currency: word }))
    .nullish()
    .transform((fees) => fees ?? []),
});
export type CcxtTrade = z.infer<typeof ccxtTrade>;

const range = z
  .object({ min: some, max: some })
  .nullish()
  .transform((value) => value ?? { min: null, max: null });

export const ccxtMarket = z.object({
  symbol: z.string(),
  base: z.string(),
  quote: z.string(),
  spot: z.boolean().nullish(),
  active: z.boolean().nullish(),
  precision: z.object({ amount: some, price: some }),
  limits: z.object({ amount: range, price: range, cost: range }),
});
export type CcxtMarket = z.infer<typeof ccxtMarket>;
/** By symbol. Others than spot markets are left out, whatever they look like. */
export const ccxtMarkets = z
  .record(z.string(), z.unknown())
  .transform((markets) =>
    Object.values(markets).filter(
      (market) => z.object({ spot: z.literal(true) }).safeParse(market).success,
    ),
  )
  .pipe(z.array(ccxtMarket));

/** What there is of each currency, working orders' part included. */
export const ccxtBalance = z.object({ total: z.record(z.string(), some) });

export const ccxtTicker = z.object({
  bid: some,
  ask: some,
  bidVolume: some,
  askVolume: some,
  timestamp: time,
});

const level = z.tuple([decimal, decimal], z.unknown());
export const ccxtOrderBook = z.object({
  bids: z.array(level),
  asks: z.array(level),
  timestamp: time,
});

/** Which calls want the name of a market, as ccxt knows of exchanges. */
export const ccxtFeatures = z.object({
  spot: z.object({
    fetchMyTrades: z.object({ symbolRequired: z.boolean().nullish() }).nullish(),
    fetchOpenOrders: z.object({ symbolRequired: z.boolean().nullish() }).nullish(),
  }),
});
