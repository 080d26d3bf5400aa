import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';

export const CorporateActionKindEnum = builder.enumType('CorporateActionKind', {
  description: 'What a company, or a coin, does to those who hold it.',
  values: {
    SPLIT: { description: '`ratioTo` new ones stand in the place of `ratioFrom` old ones.' },
    DIVIDEND: { description: 'Each one is paid `amount`.' },
  },
});

export const CorporateAction = builder.prismaNode('CorporateAction', {
  nullable: true,
  description:
    'A split or a dividend. Whoever holds the instrument just before `effectiveAt`, on paper or ' +
    'elsewhere, has a part in it, once. Bars and prices of before a split are not adjusted.',
  id: { field: 'id' },
  fields: (t) => ({
    kind: t.expose('kind', { type: CorporateActionKindEnum, description: 'Split or dividend.' }),
    ratioFrom: t.expose('ratioFrom', {
      type: 'Decimal',
      nullable: true,
      description: 'Old ones of a split. Null for a dividend.',
    }),
    ratioTo: t.expose('ratioTo', {
      type: 'Decimal',
      nullable: true,
      description: 'New ones of a split, for so many old ones. Null for a dividend.',
    }),
    amount: t.expose('amount', {
      type: 'Decimal',
      nullable: true,
      description: "Cash for each one, in the instrument's currency. Null for a split.",
    }),
    effectiveAt: t.expose('effectiveAt', { type: 'DateTime', description: 'When it counts.' }),
    appliedAt: t.expose('appliedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When all accounts had their part. Null before.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was announced.' }),
  }),
});

export const CorporateActionConnection = connectionOf(CorporateAction, {
  name: 'CorporateAction',
  entries: 'splits and dividends',
});
