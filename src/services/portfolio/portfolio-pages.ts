import { instrumentIs } from '../market/symbol-filter.ts';
import type { Database } from '../platform/database.ts';
import type { Condition } from '../platform/list-conditions.ts';
import { countListed, readListedPage } from '../platform/listed-page.ts';
import { selectionOf } from '../platform/model-columns.ts';
import { ofAccountsOf } from '../platform/owner-filter.ts';
import type { Page, PageRequest } from '../platform/page.ts';
import type { Position, Trade } from '../platform/prisma/client.ts';
import type { OrderSide } from '../platform/prisma/enums.ts';
import type { Ask } from '../platform/read-transaction.ts';
import type { Viewer } from '../platform/viewer.ts';

export interface TradeFilter {
  readonly accountId?: string;
  readonly symbol?: string;
  readonly side?: OrderSide;
  /** Executed at or after. */
  readonly from?: Date;
  /** Executed before. */
  readonly to?: Date;
}

export interface PositionFilter {
  readonly accountId?: string;
  readonly symbol?: string;
  /** Both when it is left out. */
  readonly status?: 'OPEN' | 'CLOSED';
}

/** Lists of the viewer's, a page at a time; nothing for an account that is not the viewer's. */
export interface PortfolioPages {
  /** The latest trades first. */
  tradePage(viewer: Viewer, page: PageRequest, filter: TradeFilter): Promise<Page<Trade>>;
  countTrades(viewer: Viewer, filter: TradeFilter): Promise<number>;
  /** The latest opened positions first. */
  positionPage(viewer: Viewer, page: PageRequest, filter: PositionFilter): Promise<Page<Position>>;
  countPositions(viewer: Viewer, filter: PositionFilter): Promise<number>;
}

const TRADES = { table: 'trades', select: selectionOf('Trade'), timeField: 'executedAt' };
const POSITIONS = { table: 'positions', select: selectionOf('Position'), timeField: 'openedAt' };

export function createPortfolioPages({ db }: { readonly db: Database }): PortfolioPages {
  return {
    tradePage: (viewer, page, filter) =>
      db.read(viewer, async (ask) => {
        const conditions = await tradeConditions(ask, viewer, filter);
        return readListedPage(ask, TRADES, { page, conditions });
      }),

    countTrades: (viewer, filter) =>
      db.read(viewer, async (ask) =>
        countListed(ask, TRADES, await tradeConditions(ask, viewer, filter)),
      ),

    positionPage: (viewer, page, filter) =>
      db.read(viewer, async (ask) => {
        const conditions = await positionConditions(ask, viewer, filter);
        return readListedPage(ask, POSITIONS, { page, conditions });
      }),

    countPositions: (viewer, filter) =>
      db.read(viewer, async (ask) =>
        countListed(ask, POSITIONS, await positionConditions(ask, viewer, filter)),
      ),
  };
}

async function tradeConditions(
  ask: Ask,
  viewer: Viewer,
  { accountId, symbol, side, from, to }: TradeFilter,
): Promise<readonly Condition[]> {
  return [
    ...ofAccountsOf(viewer),
    ...(accountId === undefined ? [] : [{ field: 'accountId', is: accountId }]),
    ...(await instrumentIs(ask, symbol)),
    ...(side === undefined ? [] : [{ field: 'side', anyOf: [side] }]),
    ...(from === undefined ? [] : [{ field: 'executedAt', from }]),
    ...(to === undefined ? [] : [{ field: 'executedAt', before: to }]),
  ];
}

async function positionConditions(
  ask: Ask,
  viewer: Viewer,
  { accountId, symbol, status }: PositionFilter,
): Promise<readonly Condition[]> {
  return [
    ...ofAccountsOf(viewer),
    ...(accountId === undefined ? [] : [{ field: 'accountId', is: accountId }]),
    ...(await instrumentIs(ask, symbol)),
    ...(status === undefined ? [] : [{ field: 'closedAt', isNull: status === 'OPEN' }]),
  ];
}
