import type { Loaders } from '../schema/context.ts';
import type { Account } from '../services/platform/prisma/client.ts';
import type { Viewer } from '../services/platform/viewer.ts';
import type { AccountDay } from '../services/portfolio/account-days.ts';
import type { AccountFiguresReader } from '../services/portfolio/account-figures.ts';
import type { Statements } from '../services/portfolio/statements.ts';
import type { PositionMark, Valuation } from '../services/portfolio/valuation.ts';
import type { RequestBatches } from './request-batches.ts';

export interface AccountLoadersPorts {
  readonly valuation: Pick<Valuation, 'marks'>;
  readonly accountFigures: AccountFiguresReader;
  readonly statements: Pick<Statements, 'summaries'>;
}

/** What accounts and positions are worth: figures that stand in no row. */
export function createAccountLoaders(
  { load }: Pick<RequestBatches, 'load'>,
  { valuation, accountFigures, statements }: AccountLoadersPorts,
  viewer: Viewer,
): Pick<Loaders, 'mark' | 'figures' | 'totals' | 'day' | 'statement'> {
  return {
    mark: (instrumentId, asOf) =>
      load<PositionMark>(`mark ${asOf?.toISOString() ?? 'now'}`, instrumentId, (ids) =>
        valuation.marks(viewer, ids, asOf ?? undefined),
      ),

    figures: (accountId) =>
      load('figures', accountId, (ids) => accountFigures.figures(viewer, ids)),

    totals: (accountId) => load('totals', accountId, (ids) => accountFigures.totals(viewer, ids)),

    day: ({ id, zone }) =>
      load<AccountDay>('day', JSON.stringify({ id, zone }), async (keys) => {
        const accounts = keys.map((key) => JSON.parse(key) as Pick<Account, 'id' | 'zone'>);
        const days = await accountFigures.days(viewer, accounts);
        return new Map(
          keys.flatMap((key, index) => {
            const day = days.get(accounts[index]?.id ?? '');
            return day ? [[key, day]] : [];
          }),
        );
      }),

    statement: (accountId, { from, to }) =>
      load(`statement ${from.toISOString()} ${to.toISOString()}`, accountId, (ids) =>
        statements.summaries(viewer, ids, { from, to }),
      ),
  };
}
