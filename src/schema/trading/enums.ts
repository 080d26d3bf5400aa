import { builder } from '../builder.ts';

export const OrderSideEnum = builder.enumType('OrderSide', {
  description: 'Which way an order or a trade goes.',
  values: {
    BUY: { description: 'Cash for the instrument.' },
    SELL: { description: 'The instrument for cash.' },
  },
});

export const OrderTypeEnum = builder.enumType('OrderType', {
  description: 'At which price an order fills.',
  values: {
    MARKET: { description: 'At the best price there is.' },
    LIMIT: { description: 'At `limitPrice` or better.' },
    STOP: { description: 'As MARKET, once the price has touched `stopPrice`.' },
    STOP_LIMIT: { description: 'As LIMIT, once the price has touched `stopPrice`.' },
    TRAILING_STOP: {
      description:
        'As STOP, with a stop that follows the price at the distance `trailAmount` or `trailPercent` ' +
        'while the price moves in its favour, and stands while it moves against it.',
    },
  },
});

export const TimeInForceEnum = builder.enumType('TimeInForce', {
  description: 'How long an order stands.',
  values: {
    GTC: { description: 'Until it is filled or canceled.' },
    DAY: {
      description:
        'Until the session of its instrument closes, or the next one where the market is closed (midnight, ' +
        'where it never closes).',
    },
    GTD: { description: 'Until `expiresAt`.' },
    IOC: { description: 'What can be filled at once; the rest is canceled.' },
    FOK: { description: 'All of it at once, or nothing.' },
  },
});

export const OrderStatusEnum = builder.enumType('OrderStatus', {
  description:
    'Where an order stands. A market order usually goes PENDING, ACCEPTED, FILLED within moments.',
  values: {
    PENDING: { description: 'Taken by us, not yet with a venue.' },
    SUBMITTED: { description: 'Sent to the venue, which has not answered.' },
    ACCEPTED: { description: 'Working at the venue.' },
    PARTIALLY_FILLED: { description: 'Working; some of it is filled.' },
    FILLED: { description: 'All of it is filled. Final.' },
    CANCEL_PENDING: { description: 'Its cancellation was asked for.' },
    CANCELED: { description: 'Canceled; what was filled before stays. Final.' },
    REPLACED: { description: 'Another order stands in its place. Final.' },
    EXPIRED: { description: 'Its time was over. Final.' },
    DENIED: { description: 'Refused by our own checks; it never reached a venue. Final.' },
    REJECTED: { description: 'Refused by the venue. Final.' },
    TRIGGERED: { description: 'Its stop was seen; it works now.' },
    UNKNOWN: { description: 'The venue did not answer; we are finding out.' },
  },
});

export const OrderClassEnum = builder.enumType('OrderClass', {
  description: 'Whether an order stands alone.',
  values: {
    SIMPLE: { description: 'It stands alone.' },
    BRACKET: {
      description: 'An entry that sets off a take-profit and a stop-loss; one cancels the other.',
    },
    OCO: { description: 'A take-profit and a stop-loss, of which one cancels the other.' },
    OTO: { description: 'An entry that sets off one other order.' },
  },
});

export const OrderLegEnum = builder.enumType('OrderLeg', {
  description: 'The part that an order has in its group.',
  values: {
    ENTRY: { description: 'Opens the position; the others wait for it.' },
    TAKE_PROFIT: { description: 'Closes the position at a profit.' },
    STOP_LOSS: { description: 'Closes the position before the loss grows.' },
  },
});
