import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';
import { AssetClassEnum, MarketCalendarEnum, MarketSourceEnum } from './enums.ts';

export const Instrument = builder.prismaNode('Instrument', {
  nullable: true,
  description:
    'Something that has a price and may be traded, such as `ACME.SIM` of the simulated market.',
  id: { field: 'id' },
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Unique, such as `QQQ`.' }),
    name: t.exposeString('name', { description: 'In words.' }),
    assetClass: t.expose('assetClass', { type: AssetClassEnum, description: 'What kind it is.' }),
    currency: t.exposeString('currency', { description: 'Of its prices, such as `USD`.' }),
    zone: t.exposeString('zone', {
      description: 'IANA zone of its sessions, such as `America/New_York`.',
    }),
    tickSize: t.expose('tickSize', { type: 'Decimal', description: 'Step of its prices.' }),
    lotSize: t.expose('lotSize', {
      type: 'Decimal',
      description: 'Step of the quantities in which it is traded.',
    }),
    isTradable: t.exposeBoolean('isTradable', { description: 'Whether orders for it are taken.' }),
    source: t.expose('source', {
      type: MarketSourceEnum,
      description: 'Where its prices come from. SIMULATED ones are made up.',
    }),
    feeBps: t.expose('feeBps', {
      type: 'Decimal',
      description: 'Fee of a trade, in hundredths of a percent of its notional.',
    }),
    feePerUnit: t.expose('feePerUnit', {
      type: 'Decimal',
      description: 'Fee of a trade for each unit of its quantity, on top.',
    }),
    feeMinimum: t.expose('feeMinimum', {
      type: 'Decimal',
      description: 'Least fee of each fill.',
    }),
    calendar: t.expose('calendar', {
      type: MarketCalendarEnum,
      description: 'When it is traded.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was added.' }),
  }),
});

export const InstrumentConnection = connectionOf(Instrument, {
  name: 'Instrument',
  entries: 'instruments',
});

export const InstrumentFilterInput = builder.inputType('InstrumentFilter', {
  description: 'What narrows the list of instruments. All of it must hold.',
  fields: (t) => ({
    search: t.string({
      required: false,
      description: 'Beginning of the symbol or of the name, in any case.',
    }),
    assetClass: t.field({ type: AssetClassEnum, required: false, description: 'The kind.' }),
    source: t.field({
      type: MarketSourceEnum,
      required: false,
      description: 'Where the prices come from.',
    }),
    isTradable: t.boolean({ required: false, description: 'Whether orders are taken.' }),
  }),
});
