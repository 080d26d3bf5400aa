import { builder } from '../builder.ts';

export const FeeModelEnum = builder.enumType('FeeModel', {
  description: 'What a fill on paper pays in fees.',
  values: {
    INSTRUMENT: {
      description: 'Its `feeBps` of the notional and its `feePerUnit`, and `feeMinimum` at least.',
    },
    NONE: { description: 'Nothing.' },
  },
});

export const SlippageModelEnum = builder.enumType('SlippageModel', {
  description: 'How much worse than the quote a fill on paper is.',
  values: {
    NONE: { description: 'Not at all.' },
    FIXED_BPS: {
      description:
        'By a fixed share of the price, in basis points, rounded to the tick against the order. Never past ' +
        'its limit.',
    },
    VOLUME_SHARE: {
      description:
        'By price × 0.1 × min(quantity / volume, 0.025)², with the volume of the minute up to the quote; ' +
        'the largest share where nothing is known of it. To the tick and the limit as FIXED_BPS.',
    },
  },
});

export const LiquidityModelEnum = builder.enumType('LiquidityModel', {
  description: 'How much of an order fills at one quote.',
  values: {
    QUOTED_SIZE: {
      description:
        'What the quote offers, once: what fills have taken of it is gone until the quote changes. Quotes ' +
        'are the top of the book; the rest of an order waits for the next.',
    },
    UNLIMITED: { description: 'All of it at the quoted price, and nothing is taken from others.' },
  },
});

export const TradeLiquidityEnum = builder.enumType('TradeLiquidity', {
  description: 'On which side of the book a fill stood.',
  values: {
    MAKER: { description: 'Its limit stood there before the quote that came to it.' },
    TAKER: { description: 'Its order took what was quoted.' },
  },
});
