import type { Quote as QuoteShape } from '../../services/market/quote.ts';
import { builder } from '../builder.ts';
import { MarketSourceEnum } from './enums.ts';

export const Quote = builder.objectRef<QuoteShape>('Quote').implement({
  description: 'The best prices of an instrument at a moment.',
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Of the instrument.' }),
    bid: t.expose('bid', { type: 'Decimal', description: 'What a seller gets.' }),
    ask: t.expose('ask', { type: 'Decimal', description: 'What a buyer pays.' }),
    last: t.expose('last', { type: 'Decimal', description: 'Price of the last trade.' }),
    bidSize: t.expose('bidSize', {
      type: 'Decimal',
      description: 'Quantity that may be sold at the bid.',
    }),
    askSize: t.expose('askSize', {
      type: 'Decimal',
      description: 'Quantity that may be bought at the ask.',
    }),
    time: t.expose('time', { type: 'DateTime', description: 'When it was quoted.' }),
    source: t.expose('source', {
      type: MarketSourceEnum,
      description: 'Where the prices come from. SIMULATED ones are made up.',
    }),
  }),
});
