import { toBookedCash } from '../../platform/money.ts';
import type { Database } from '../../platform/database.ts';
import type { BrokerConnection, Order } from '../../platform/prisma/client.ts';
import type { Viewer } from '../../platform/viewer.ts';
import { WORKING } from '../engine/order-state.ts';
import { BrokerAccountMismatch } from './errors.ts';
import { venueSymbol } from './venue-symbols.ts';
import type { Broker } from './broker.ts';

type SentOrder = Order & { readonly instrument: { readonly symbol: string } };

/** So many of the newest that work are looked for. */
const LOOKED_FOR_MAX = 20;

/**
 * Throws BrokerAccountMismatch unless the account behind `broker` is the one that is connected. The
 * keys of before may be revoked already, so that they prove nothing: what does is that our orders
 * are found there, those that work, or else the newest that has ended. Where none was ever sent,
 * cash and holdings must be those of our books.
 */
export async function expectSameAccount(
  db: Database,
  viewer: Viewer,
  { connection, broker }: { readonly connection: BrokerConnection; readonly broker: Broker },
): Promise<void> {
  const { accountId } = connection;
  const wanted = await db.snapshot(viewer, async (tx) => {
    const sent = { accountId, brokerOrderId: { not: null } };
    const include = { instrument: { select: { symbol: true } } };
    const newestFirst = { include, orderBy: { createdAt: 'desc' }, take: LOOKED_FOR_MAX } as const;
    const where = { ...sent, status: { in: [...WORKING] } };
    const working = await tx.order.findMany({ where, ...newestFirst });
    return working.length > 0
      ? working
      : tx.order.findMany({ where: sent, ...newestFirst, take: 1 });
  });
  for (const order of wanted) {
    if (!(await isThere(order, { connection, broker }))) throw new BrokerAccountMismatch();
  }
  if (wanted.length === 0 && !(await isHeldAlike(db, viewer, { connection, broker }))) {
    throw new BrokerAccountMismatch();
  }
}

interface Place {
  readonly connection: BrokerConnection;
  readonly broker: Broker;
}

/** Ids of orders are counted at some venues: the name that we gave it is ours alone. */
async function isThere(
  { id, brokerOrderId, instrument }: SentOrder,
  { connection, broker }: Place,
): Promise<boolean> {
  const symbol = venueSymbol(connection, instrument.symbol);
  if (symbol === undefined || brokerOrderId === null) return false;
  const report = await broker.find({ brokerOrderId, symbol });
  return report?.clientOrderId === id;
}

async function isHeldAlike(
  db: Database,
  viewer: Viewer,
  { connection, broker }: Place,
): Promise<boolean> {
  const { accountId } = connection;
  const { account, ours } = await db.snapshot(viewer, async (tx) => ({
    account: await tx.account.findUniqueOrThrow({ where: { id: accountId } }),
    ours: await tx.position.findMany({
      where: { accountId, closedAt: null },
      include: { instrument: { select: { symbol: true } } },
    }),
  }));
  const [theirs, cash] = [await broker.positions(), await broker.cash()];
  const held = new Map(theirs.map(({ symbol, quantity }) => [symbol, quantity]));
  return (
    toBookedCash(cash, account.currency).equals(account.cash) &&
    theirs.length === ours.length &&
    ours.every(({ instrument, quantity }) =>
      held.get(venueSymbol(connection, instrument.symbol) ?? '')?.equals(quantity),
    )
  );
}
