import { ofSymbol } from '../market/symbol-filter.ts';
import { appendEvents } from '../platform/outbox.ts';
import { accountsOf, inAccountsOf } from '../platform/owner-filter.ts';
import { toBookedCash, ZERO, type Decimal } from '../platform/money.ts';
import { balanceChanged } from './events.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import type { AccountKind, AccountStatus } from '../platform/prisma/enums.ts';
import type { Account, Position, Prisma, Trade } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import { AS_QUOTED, type FillSettings } from './account-settings.ts';
import type { Ledger } from './ledger.ts';
import {
  createPortfolioPages,
  type PortfolioPages,
  type PositionFilter,
  type TradeFilter,
} from './portfolio-pages.ts';

export interface NewAccount {
  readonly ownerId: string;
  readonly modelId?: string;
  readonly name: string;
  readonly kind: AccountKind;
  readonly currency: string;
  /** IANA zone of its trading days. */
  readonly zone: string;
  /** Not negative; rounded to the currency's minor unit. */
  readonly startingCash: Decimal;
  readonly occurredAt: Date;
  /** CLOSED for one that holds records and takes no orders; ACTIVE when it is left out. */
  readonly status?: AccountStatus;
  /** How it trades on paper, where it is not as quoted. */
  readonly fills?: Partial<FillSettings>;
}

export interface Portfolios extends PortfolioPages {
  /**
   * Opens an account with its starting cash as a deposit, in the caller's transaction, and tells
   * BalanceChanged. The server may open one for its viewer alone.
   */
  open(tx: Tx, account: NewAccount): Promise<Account>;
  /** The viewer's accounts, newest first. */
  list(viewer: Viewer, selection: Prisma.AccountFindManyArgs): Promise<Account[]>;
  /** The viewer's trades, latest first. Nothing for an account that is not the viewer's. */
  trades(
    viewer: Viewer,
    selection: Prisma.TradeFindManyArgs,
    filter: TradeFilter,
  ): Promise<Trade[]>;
  /** The viewer's positions, the latest opened first. */
  positions(
    viewer: Viewer,
    selection: Prisma.PositionFindManyArgs,
    filter: PositionFilter,
  ): Promise<Position[]>;
}

export function createPortfolios({
  db,
  ledger,
  ids,
}: {
  readonly db: Database;
  readonly ledger: Ledger;
  readonly ids: Ids;
}): Portfolios {
  return {
    ...createPortfolioPages({ db }),

    async open(tx, command) {
      const account = newAccountRow(command, ids.next());
      await insertAccount(tx, account);
      await ledger.post(tx, {
        ownerId: account.ownerId,
        cause: 'DEPOSIT',
        causeId: account.id,
        currency: account.currency,
        occurredAt: command.occurredAt,
        lines: [
          { ledgerAccount: 'CASH', accountId: account.id, amount: account.startingCash },
          { ledgerAccount: 'EXTERNAL', amount: account.startingCash.negated() },
        ],
      });
      const opened = { ...account, cash: account.startingCash };
      await appendEvents(tx, [balanceChanged(opened, command.occurredAt)]);
      return opened;
    },

    list: (viewer, selection) =>
      db.snapshot(viewer, (tx) =>
        tx.account.findMany({
          ...selection,
          where: { AND: [selection.where ?? {}, accountsOf(viewer)] },
          orderBy: selection.orderBy ?? [{ createdAt: 'desc' }, { id: 'desc' }],
        }),
      ),

    trades: (viewer, selection, filter) =>
      db.snapshot(viewer, async (tx) => {
        const wanted = await tradesIn(tx, filter);
        return tx.trade.findMany({
          ...selection,
          where: { AND: [selection.where ?? {}, wanted, inAccountsOf(viewer)] },
          orderBy: selection.orderBy ?? [{ executedAt: 'desc' }, { id: 'desc' }],
        });
      }),

    positions: (viewer, selection, filter) =>
      db.snapshot(viewer, (tx) =>
        tx.position.findMany({
          ...selection,
          where: { AND: [selection.where ?? {}, positionsIn(filter), inAccountsOf(viewer)] },
          orderBy: selection.orderBy ?? [{ openedAt: 'desc' }, { id: 'desc' }],
        }),
      ),
  };
}

function newAccountRow(command: NewAccount, id: string): Account {
  return {
    id,
    ownerId: command.ownerId,
    modelId: command.modelId ?? null,
    name: command.name,
    kind: command.kind,
    status: command.status ?? 'ACTIVE',
    currency: command.currency,
    zone: command.zone,
    startingCash: toBookedCash(command.startingCash, command.currency),
    cash: ZERO,
    reserved: ZERO,
    ...AS_QUOTED,
    ...command.fills,
    createdAt: command.occurredAt,
  };
}

/** By hand, since Prisma would write `cash` as well, which only the posting function may. */
async function insertAccount(tx: Tx, account: Account): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO accounts (id, owner_id, model_id, name, kind, status, currency, zone,
      starting_cash, allows_short, slippage_model, slippage_bps, fee_model, liquidity_model,
      latency_ms, created_at)
    VALUES (${account.id}::uuid, ${account.ownerId}::uuid, ${account.modelId}::uuid,
      ${account.name}, ${account.kind}::account_kind, ${account.status}::account_status,
      ${account.currency}, ${account.zone}, ${account.startingCash.toFixed()}::numeric,
      ${account.allowsShort}, ${account.slippageModel}::slippage_model,
      ${account.slippageBps.toFixed()}::numeric, ${account.feeModel}::fee_model,
      ${account.liquidityModel}::liquidity_model, ${account.latencyMs}, ${account.createdAt})`;
}

async function tradesIn(tx: Tx, filter: TradeFilter): Promise<Prisma.TradeWhereInput> {
  const { accountId, symbol, side, from, to } = filter;
  return {
    ...(accountId !== undefined && { accountId }),
    ...(await ofSymbol(tx, symbol)),
    ...(side !== undefined && { side }),
    ...((from ?? to) && { executedAt: { ...(from && { gte: from }), ...(to && { lt: to }) } }),
  };
}

function positionsIn({ accountId, symbol, status }: PositionFilter): Prisma.PositionWhereInput {
  return {
    ...(accountId !== undefined && { accountId }),
    ...(symbol !== undefined && { instrument: { symbol } }),
    ...(status !== undefined && { closedAt: status === 'OPEN' ? null : { not: null } }),
  };
}
