import { builder } from '../builder.ts';

export const FeeModelEnum = builder.enumType('FeeModel', {
  description: 'What a fill on paper pays in fees.',
  values: {
    INSTRUMENT: { description: 'What the schedule of the instrument says.' },
    NONE: { description: 'Nothing.' },
  },
});

export const SlippageModelEnum = builder.enumType('SlippageModel', {
  description: 'How much worse than the quote a fill on paper is.',
  values: {
    NONE: { description: 'Not at all.' },
    FIXED_BPS: { description: 'By a fixed share of the price, in basis points.' },
    VOLUME_SHARE: {
      description: 'By price × 0.1 × min(quantity / volume of the bar, 0.025)².',
    },
  },
});

export const LiquidityModelEnum = builder.enumType('LiquidityModel', {
  description: 'How much of an order fills at one quote.',
  values: {
    QUOTED_SIZE: { description: 'What the quote offers, once.' },
    UNLIMITED: { description: 'All of it.' },
  },
});

export const TradeLiquidityEnum = builder.enumType('TradeLiquidity', {
  description: 'On which side of the book a fill stood.',
  values: {
    MAKER: { description: 'Its order waited, and another came to it.' },
    TAKER: { description: 'Its order went to one that waited.' },
  },
});
