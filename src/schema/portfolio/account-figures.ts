import type { AssetClassTotal as AssetClassTotalShape } from '../../services/portfolio/account-figures.ts';
import type { StatementSummary } from '../../services/portfolio/statements.ts';
import { builder } from '../builder.ts';
import { AssetClassEnum } from '../market/enums.ts';

/** How old the figures of an account are. */
export interface FigureTimesShape {
  readonly time: Date;
  readonly oldestMarkAt: Date | undefined;
  readonly isStale: boolean;
  readonly dayStartedAt: Date;
}

export const FigureTimes = builder.objectRef<FigureTimesShape>('FigureTimes').implement({
  description: 'Of when the figures of an account are.',
  fields: (t) => ({
    time: t.expose('time', {
      type: 'DateTime',
      description:
        'When they were reckoned. Cash, realized profit and fees are of then, to the last trade.',
    }),
    oldestMarkAt: t.expose('oldestMarkAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'Time of the oldest price in the market value, equity and unrealized profit. Null when ' +
        'nothing is held.',
    }),
    isStale: t.exposeBoolean('isStale', {
      description: 'Whether a price in them is too old to fill an order at.',
    }),
    dayStartedAt: t.expose('dayStartedAt', {
      type: 'DateTime',
      description: 'When the trading day of `dayPnl` began: midnight in the zone of the account.',
    }),
  }),
});

export const AssetClassTotal = builder
  .objectRef<AssetClassTotalShape>('AssetClassTotal')
  .implement({
    description: 'What an account holds of one class of assets.',
    fields: (t) => ({
      assetClass: t.expose('assetClass', { type: AssetClassEnum, description: 'The class.' }),
      marketValue: t.expose('marketValue', {
        type: 'Decimal',
        description: 'Sum of quantity × price; shorts count negative.',
      }),
      unrealizedPnl: t.expose('unrealizedPnl', {
        type: 'Decimal',
        description: 'Market value less what it cost.',
      }),
      weight: t.expose('share', {
        type: 'Decimal',
        nullable: true,
        description:
          'Its part of the equity of the account, such as 0.25. Null when there is no equity.',
      }),
      positionCount: t.exposeInt('positions', { description: 'How many positions are in it.' }),
    }),
  });

export const AccountStatement = builder.objectRef<StatementSummary>('AccountStatement').implement({
  description:
    'What a stretch of time did to the cash of an account: closingCash = openingCash + deposits + ' +
    'withdrawals + trades + fees + dividends + corrections + resets.',
  fields: (t) => {
    const amount = (description: string) => ({ type: 'Decimal', description }) as const;
    return {
      from: t.expose('from', { type: 'DateTime', description: 'Its beginning.' }),
      to: t.expose('to', { type: 'DateTime', description: 'Its end, itself not in it.' }),
      openingCash: t.expose('openingCash', amount('Cash at the beginning.')),
      closingCash: t.expose('closingCash', amount('Cash at the end.')),
      deposits: t.expose('deposits', amount('What came in from outside.')),
      withdrawals: t.expose('withdrawals', amount('What was taken out; not above zero.')),
      trades: t.expose('trades', amount('What sales brought less what purchases cost.')),
      fees: t.expose('fees', amount('Fees of trades; not above zero.')),
      dividends: t.expose('dividends', amount('Paid on what was held, less paid on shorts.')),
      corrections: t.expose('corrections', amount('By which imported records jump.')),
      resets: t.expose('resets', amount('What resets brought or took.')),
      entryCount: t.exposeInt('entries', { description: 'How many movements of cash there were.' }),
      openingEquity: t.expose('openingEquity', {
        ...amount('What the account was worth, as recorded last by the beginning. Null before.'),
        nullable: true,
      }),
      closingEquity: t.expose('closingEquity', {
        ...amount('What it was worth, as recorded last by the end. Null before the first record.'),
        nullable: true,
      }),
    };
  },
});
