import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/database.ts';
import { InvalidInput } from '../platform/errors.ts';
import { toText } from '../platform/money.ts';
import { appendEvents } from '../platform/outbox.ts';
import type { Account, Prisma } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';
import type { FillSettings } from './account-settings.ts';
import { AccountClosed, AccountNotEmpty, AccountOfModel } from './errors.ts';
import { balanceChanged } from './events.ts';
import type { OrderClearance } from './order-clearance.ts';
import { lockOwnAccount } from './own-account.ts';

interface Ports {
  readonly clearance: Pick<OrderClearance, 'countWorking'>;
  readonly audit: Audit;
  readonly clock: Clock;
}

interface Change {
  readonly viewer: Viewer;
  readonly account: Account;
}

/**
 * Changes the name and the fill settings, under the account's lock: no order is judged by half of
 * them.
 */
export async function updateAccount(
  tx: Tx,
  { audit, clock }: Ports,
  given: Change & { readonly name?: string; readonly fills?: Partial<FillSettings> },
): Promise<{ accountId: string }> {
  const { viewer, name, fills = {} } = given;
  const before = await lockOwnAccount(tx, given.account);
  if (before.status !== 'ACTIVE') throw new AccountClosed();
  if (before.kind !== 'PAPER' && Object.keys(fills).some((field) => field !== 'allowsShort')) {
    throw new InvalidInput('fills', 'How fills are reckoned is for accounts on paper.');
  }
  const after = { ...before, ...(name !== undefined && { name }), ...fills };
  // By hand, since Prisma would read back what the server's role may not change.
  await tx.$executeRaw`
    UPDATE accounts SET name = ${after.name}, allows_short = ${after.allowsShort},
      slippage_model = ${after.slippageModel}::slippage_model,
      slippage_bps = ${toText(after.slippageBps)}::numeric,
      fee_model = ${after.feeModel}::fee_model,
      liquidity_model = ${after.liquidityModel}::liquidity_model, latency_ms = ${after.latencyMs}
    WHERE id = ${after.id}::uuid`;
  await appendEvents(tx, [balanceChanged(after, clock.now())]);
  await audit.record(tx, viewer, {
    action: 'account.updated',
    targetType: 'Account',
    targetId: after.id,
    before: settingsOf(before),
    after: settingsOf(after),
  });
  return { accountId: after.id };
}

/** ACTIVE → CLOSED, when nothing is open. What cash is in it stays there, for the record. */
export async function closeAccount(
  tx: Tx,
  { audit, clock, clearance }: Ports,
  { viewer, account }: Change,
): Promise<{ accountId: string }> {
  const before = await lockOwnAccount(tx, account);
  if (before.modelId !== null) throw new AccountOfModel();
  if (before.status !== 'ACTIVE') throw new AccountClosed();
  const openOrders = await clearance.countWorking(tx, before.id);
  const openPositions = await tx.position.count({
    where: { accountId: before.id, closedAt: null },
  });
  if (openOrders > 0 || openPositions > 0) throw new AccountNotEmpty({ openOrders, openPositions });
  await tx.$executeRaw`UPDATE accounts SET status = 'CLOSED' WHERE id = ${before.id}::uuid`;
  await appendEvents(tx, [balanceChanged({ ...before, status: 'CLOSED' }, clock.now())]);
  await audit.record(tx, viewer, {
    action: 'account.closed',
    targetType: 'Account',
    targetId: before.id,
    before: { status: before.status },
    after: { status: 'CLOSED' },
  });
  return { accountId: before.id };
}

function settingsOf(account: Account): Prisma.InputJsonObject {
  const { name, allowsShort, slippageModel, slippageBps, feeModel, liquidityModel, latencyMs } =
    account;
  return {
    ...{ name, allowsShort, slippageModel, feeModel, liquidityModel, latencyMs },
    slippageBps: toText(slippageBps),
  };
}
