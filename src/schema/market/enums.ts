import { builder } from '../builder.ts';

export const AssetClassEnum = builder.enumType('AssetClass', {
  description: 'What kind of thing an instrument is.',
  values: {
    STOCK: { description: 'A share of a company.' },
    ETF: { description: 'A fund that is traded like a share.' },
    CRYPTO: { description: 'A coin.' },
    INDEX: {
      description: 'A figure made of the prices of others, to compare with; nobody trades it.',
    },
  },
});

export const MarketSourceEnum = builder.enumType('MarketSource', {
  description: 'Where prices come from.',
  values: {
    SIMULATED: { description: 'Made up by the simulated market. No real price.' },
    IMPORTED: { description: 'Read from records of a real market.' },
    BROKER: { description: 'Told by a broker: Alpaca, or an exchange.' },
  },
});

export const MarketCalendarEnum = builder.enumType('MarketCalendar', {
  description: 'When an instrument is traded.',
  values: {
    ALWAYS: { description: 'Around the clock: simulated markets and coins.' },
    US_STOCKS: { description: 'NYSE and Nasdaq: 09:30 to 16:00 of New York, half days to 13:00.' },
    CN_STOCKS: {
      description: 'Shanghai and Shenzhen: 09:30 to 11:30 and 13:00 to 15:00 of Shanghai.',
    },
  },
});

export const BarIntervalEnum = builder.enumType('BarInterval', {
  description: 'How much time a bar covers.',
  values: {
    MINUTE_1: { description: 'One minute.' },
    HOUR_1: { description: 'One hour.' },
    DAY_1: { description: 'One session of the market.' },
  },
});
