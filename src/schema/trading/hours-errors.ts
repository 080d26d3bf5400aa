import { CalendarUnknown, MarketClosed } from '../../services/trading/hours-errors.ts';
import { builder } from '../builder.ts';
import { ErrorInterface } from '../errors.ts';
import { MarketCalendarEnum } from '../market/enums.ts';
import { OrderDeniedInterface } from './errors.ts';

const interfaces = [ErrorInterface, OrderDeniedInterface];

builder.objectType(MarketClosed, {
  name: 'MarketClosedError',
  description:
    'The instrument is not traded now, and the order was to fill at once or not at all (IOC, FOK). DAY, GTC ' +
    'and GTD orders wait for the open.',
  interfaces,
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Of the instrument.' }),
    opensAt: t.expose('opensAt', { type: 'DateTime', description: 'When it is traded next.' }),
  }),
});

builder.objectType(CalendarUnknown, {
  name: 'CalendarUnknownError',
  description:
    'Nobody knows whether the instrument is traded now: the exchange has announced its sessions up to ' +
    '`validUntil`, and not further.',
  interfaces,
  fields: (t) => ({
    symbol: t.exposeString('symbol', { description: 'Of the instrument.' }),
    calendar: t.expose('calendar', {
      type: MarketCalendarEnum,
      description: 'By which it is traded.',
    }),
    validUntil: t.exposeString('validUntil', {
      description: 'The last day that is known, such as `2026-12-31`.',
    }),
  }),
});
