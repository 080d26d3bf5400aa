import type { Bar as BarRow } from '../../services/platform/prisma/client.ts';
import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';
import { BarIntervalEnum, MarketSourceEnum } from './enums.ts';

export const Bar = builder.objectRef<BarRow>('Bar').implement({
  description:
    'Prices of an instrument over a span of time, as they were known at the time asked for. A bar ' +
    'that was not over then has its open alone.',
  fields: (t) => ({
    interval: t.expose('interval', { type: BarIntervalEnum, description: 'The span it covers.' }),
    openTime: t.expose('openTime', { type: 'DateTime', description: 'When the span begins.' }),
    closeTime: t.expose('closeTime', { type: 'DateTime', description: 'When the span ends.' }),
    knownAt: t.expose('knownAt', {
      type: 'DateTime',
      description: 'Since when this much of it is known.',
    }),
    open: t.expose('open', { type: 'Decimal', description: 'First price.' }),
    high: t.expose('high', {
      type: 'Decimal',
      nullable: true,
      description: 'Highest price. Null while the bar is not over.',
    }),
    low: t.expose('low', {
      type: 'Decimal',
      nullable: true,
      description: 'Lowest price. Null while the bar is not over.',
    }),
    close: t.expose('close', {
      type: 'Decimal',
      nullable: true,
      description: 'Last price. Null while the bar is not over.',
    }),
    volume: t.expose('volume', {
      type: 'Decimal',
      nullable: true,
      description: 'Quantity that traded. Null while the bar is not over.',
    }),
    source: t.expose('source', {
      type: MarketSourceEnum,
      description: 'Where the prices come from. SIMULATED ones are made up.',
    }),
  }),
});

export const BarConnection = connectionOf(Bar, { name: 'Bar', entries: 'bars' });
