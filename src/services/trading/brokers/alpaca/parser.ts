import { z } from 'zod';
import { Decimal } from '../../../platform/money.ts';

/*
 * Alpaca's JSON, as far as it is used (docs.alpaca.markets, Trading API v2 and Market Data API v2).
 * Numbers come as texts, either from Alpaca or from the lossless reading. What is not named here is
 * left out.
 */

const decimal = z
  .string()
  .regex(/^-?\d{1,24}(\.\d{1,80})?([eE][+-]?\d{1,2})?$/)
  .transform((text) => new Decimal(text));
/** With nanoseconds, which a Date does not keep. */
const time = z
  .string()
  .transform((text) => new Date(text))
  .refine((date) => !Number.isNaN(date.getTime()), 'is no time');
const side = z.enum(['buy', 'sell', 'sell_short']);

export const alpacaOrder = z.object({
  id: z.string(),
  client_order_id: z.string(),
  symbol: z.string(),
  side,
  status: z.string(),
  qty: decimal.nullish(),
  filled_qty: decimal,
  created_at: time,
  updated_at: time.nullish(),
});
export type AlpacaOrder = z.infer<typeof alpacaOrder>;

export const alpacaActivity = z.object({
  id: z.string(),
  activity_type: z.literal('FILL'),
  transaction_time: time,
  order_id: z.string(),
  symbol: z.string(),
  side,
  qty: decimal,
  cum_qty: decimal,
  price: decimal,
});
export type AlpacaActivity = z.infer<typeof alpacaActivity>;

export const alpacaPosition = z.object({
  symbol: z.string(),
  /** Negative for a short one. */
  qty: decimal,
  avg_entry_price: decimal,
});

export const alpacaAccount = z.object({ currency: z.string(), cash: decimal });

export const alpacaAsset = z.object({
  symbol: z.string(),
  name: z.string().nullish(),
  class: z.string(),
  status: z.string(),
  tradable: z.boolean(),
  fractionable: z.boolean(),
});
export type AlpacaAsset = z.infer<typeof alpacaAsset>;

export const alpacaQuote = z.object({
  quote: z.object({ bp: decimal, bs: decimal, ap: decimal, as: decimal, t: time }).nullish(),
});

export const alpacaRefusal = z.object({ code: z.string(), message: z.string() });

export const alpacaUpdate = z.object({
  event: z.string(),
  order: alpacaOrder,
  price: decimal.nullish(),
  qty: decimal.nullish(),
  timestamp: time.nullish(),
});
export type AlpacaUpdate = z.infer<typeof alpacaUpdate>;

export const alpacaMessage = z.object({ stream: z.string(), data: z.unknown() });
export const alpacaAuthorization = z.object({ status: z.string() });
