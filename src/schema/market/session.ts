import type { Session } from '../../services/market/calendars/sessions.ts';
import { builder } from '../builder.ts';

export const MarketSession = builder.objectRef<Session>('MarketSession').implement({
  description: 'One day of trading.',
  fields: (t) => ({
    day: t.exposeString('day', {
      description: 'Its date in the zone of the exchange, such as `2026-11-27`.',
    }),
    opensAt: t.expose('opensAt', { type: 'DateTime', description: 'When it begins.' }),
    closesAt: t.expose('closesAt', {
      type: 'DateTime',
      description: 'When it ends, and orders for the DAY with it. Breaks do not end it.',
    }),
  }),
});
