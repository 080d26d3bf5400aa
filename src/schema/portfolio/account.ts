import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';

export const AccountKindEnum = builder.enumType('AccountKind', {
  description: 'Whether the money is real.',
  values: {
    PAPER: { description: 'Money that is only written down.' },
    LIVE: { description: 'Real money, at a broker.' },
    EXTERNAL: { description: 'Traded elsewhere; its fills are reported with `recordTrade`.' },
  },
});

export const AccountStatusEnum = builder.enumType('AccountStatus', {
  description: 'Whether an account may trade.',
  values: {
    ACTIVE: { description: 'May trade.' },
    CLOSED: { description: 'Is kept for the record alone.' },
  },
});

export const Account = builder.prismaNode('Account', {
  nullable: true,
  description: 'A portfolio of cash and positions, of one person and perhaps of one model.',
  id: { field: 'id' },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As its owner calls it.' }),
    kind: t.expose('kind', { type: AccountKindEnum, description: 'Whether the money is real.' }),
    status: t.expose('status', { type: AccountStatusEnum, description: 'Whether it may trade.' }),
    currency: t.exposeString('currency', { description: 'Of its cash, such as `USD`.' }),
    zone: t.exposeString('zone', {
      description: 'IANA zone of its trading days, such as `America/Chicago`.',
    }),
    startingCash: t.expose('startingCash', {
      type: 'Decimal',
      description: 'Cash that it began with.',
    }),
    cash: t.expose('cash', {
      type: 'Decimal',
      description: 'Cash now, with what open orders hold back.',
    }),
    reserved: t.expose('reserved', {
      type: 'Decimal',
      description: 'Cash that open buy orders hold back.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was opened.' }),
  }),
});

export const AccountConnection = connectionOf(Account, { name: 'Account', entries: 'accounts' });
