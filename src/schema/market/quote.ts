import type { Quote as QuoteShape } from '../../services/market/quote.ts';
import { builder } from '../builder.ts';
import { SHARED } from '../shared.ts';
import { MarketSourceEnum } from './enums.ts';

export const Quote = builder.objectRef<QuoteShape>('Quote').implement({
  description: 'The best prices of an instrument at a moment.',
  fields: (t) => ({
    symbol: t.exposeString('symbol', { ...SHARED, description: 'Of the instrument.' }),
    bid: t.expose('bid', { ...SHARED, type: 'Decimal', description: 'What a seller gets.' }),
    ask: t.expose('ask', { ...SHARED, type: 'Decimal', description: 'What a buyer pays.' }),
    last: t.expose('last', { ...SHARED, type: 'Decimal', description: 'Price of the last trade.' }),
    bidSize: t.expose('bidSize', {
      ...SHARED,
      type: 'Decimal',
      description: 'Quantity that may be sold at the bid.',
    }),
    askSize: t.expose('askSize', {
      ...SHARED,
      type: 'Decimal',
      description: 'Quantity that may be bought at the ask.',
    }),
    time: t.expose('time', { ...SHARED, type: 'DateTime', description: 'When it was quoted.' }),
    source: t.expose('source', {
      ...SHARED,
      type: MarketSourceEnum,
      description: 'Where the prices come from. SIMULATED ones are made up.',
    }),
  }),
});
