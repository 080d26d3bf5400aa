import { builder } from '../../schema/builder.ts';
import { Instrument } from '../../schema/market/instrument.ts';
import { MarketSession } from '../../schema/market/session.ts';

builder.objectFields(Instrument, (t) => ({
  isOpen: t.boolean({
    nullable: true,
    description:
      'Whether it is traded now; orders wait for the open while it is not. Null where the calendar does ' +
      'not reach.',
    resolve: (instrument, _args, { services }) => services.marketHours.of(instrument).isOpen,
  }),
  nextOpen: t.field({
    type: 'DateTime',
    nullable: true,
    description:
      'When trading begins next, after a lunch break too. Null for what is always traded, and where the ' +
      'calendar does not reach.',
    resolve: (instrument, _args, { services }) => services.marketHours.of(instrument).nextOpen,
  }),
  nextClose: t.field({
    type: 'DateTime',
    nullable: true,
    description:
      'When trading ends next, for a lunch break too. Null for what is always traded, and where the ' +
      'calendar does not reach.',
    resolve: (instrument, _args, { services }) => services.marketHours.of(instrument).nextClose,
  }),
  session: t.field({
    type: MarketSession,
    nullable: true,
    description:
      'The session that it is in, or else the next one; for what is always traded, the day in its zone. ' +
      'Null where the calendar does not reach.',
    resolve: (instrument, _args, { services }) => services.marketHours.of(instrument).session,
  }),
  calendarValidUntil: t.string({
    nullable: true,
    description:
      'The last day that its calendar covers, such as `2026-12-31`; after it no orders are taken. Null ' +
      'for what is always traded.',
    resolve: (instrument, _args, { services }) => services.marketHours.of(instrument).validUntil,
  }),
}));
