import { IdempotencyConflict, NotFound } from '../platform/errors.ts';
import { Decimal } from '../platform/money.ts';
import { balanceChanged } from '../portfolio/events.ts';
import { accountLock, reserveMore } from '../portfolio/locks.ts';
import { orderChanged } from './events.ts';
import { reckon } from './engine/reckoning.ts';
import { judgeVenue, refuseGroupAtBroker, type VenueRefusal } from './brokers/venue-gate.ts';
import { judge } from './gate.ts';
import { orderInsert } from './order-inserts.ts';
import {
  circumstancesFrom,
  circumstancesOf,
  usedClientOrderIds,
  type Circumstances,
} from './order-rows.ts';
import { expiryOf } from './placement-terms.ts';
import { legClientOrderIds, newLegs, newOrder, type NewOrder } from './new-orders.ts';
import type { Placement } from './placement.ts';
import { quoteToJudgeBy, type QuoteSource } from './quote-source.ts';
import type { Clock } from '../platform/clock.ts';
import { isOnPaper } from '../platform/owner-filter.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import type { KeyUse } from '../platform/idempotency.ts';
import type { Ids } from '../platform/ids.ts';
import type { Pipeline } from '../platform/pipeline.ts';
import type { Account, Order } from '../platform/prisma/client.ts';
import type { Writes } from '../platform/writes.ts';
import type { Refusal } from './refusal.ts';
import type { Risk } from './risk/judge-limits.ts';
import { readRisk } from './risk/standing.ts';

export interface AdmissionPorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly quotes: Pick<QuoteSource, 'latest'>;
  readonly quoteFreshnessMs: number;
  /** Whether the deployment trades real money; it does not when this is left out. */
  readonly isLiveTrading?: boolean;
}

/** What a key keeps of an order that was placed with it: a type, since it is stored as JSON. */
export type AdmissionOutcome = { readonly orderId: string; readonly refusal: Refusal | null };

/** An order as it was stored: accepted, or denied with the refusal. */
export interface Admitted {
  readonly outcome: AdmissionOutcome;
  /** Undefined when the key was used before: then the order is not new. */
  readonly order: Order | undefined;
  /** What was placed with it: the rest of its group. */
  readonly legs: readonly Order[];
  /** Whether it was tried as well, so that this is its first news. */
  readonly isTried?: boolean;
}

export interface AdmissionRequest {
  readonly viewer: Viewer;
  readonly placement: Placement;
  /** Its scope is the account. */
  readonly key: KeyUse<AdmissionOutcome>;
}

/**
 * Judges an order and stores it with its history, the cash that it holds back, its events and its key. All
 * under the account's lock, so that no two orders count on the same cash or the same shares, and no two
 * on the same key. Throws NotFound for an account that is not the viewer's or is out of their reach, and
 * for a symbol that is not there, and InvalidInput for an end in the past.
 *
 * All that decides is locked and read at once; {@link decideAdmission} says what comes of it, and all of
 * that is stored with the commit.
 */
export async function admit(
  pipeline: Pipeline,
  ports: AdmissionPorts,
  request: AdmissionRequest,
): Promise<Admitted> {
  const { used, situation } = await readSituation(pipeline, ports, request);
  if (used) return { outcome: used, order: undefined, legs: [] };
  const decision = decideAdmission(ports, situation);
  const admitted = admittedBy(decision);
  pipeline.store(writesOfAdmission(decision), keyWrites(request.key, admitted.outcome));
  return admitted;
}

/** What an earlier use of the key came to, or else what decides, read under the account's lock. */
type Read =
  | {
      readonly used: AdmissionOutcome;
      readonly situation?: never;
    }
  | {
      readonly used?: never;
      readonly situation: AdmissionSituation;
    };

/** Locks and reads what decides on an order. Throws as {@link admit} does. */
export async function readSituation(
  pipeline: Pipeline,
  ports: AdmissionPorts,
  { viewer, placement, key }: AdmissionRequest,
): Promise<Read> {
  const { userId: ownerId } = requireUser(viewer);
  const { accountId } = placement;
  const [[account], [earlier], [row]] = await pipeline.ask(
    accountLock(accountId),
    key.lookUp,
    circumstancesOf(placement),
  );
  if (account?.ownerId !== ownerId) throw new NotFound('Account');
  if (isOnPaper(viewer) && account.kind !== 'PAPER') throw new NotFound('Account');
  if (earlier) return { used: key.outcomeOf(earlier) };
  if (!row) throw new NotFound('Instrument');
  const circumstances = circumstancesFrom(row);
  refuseGroupAtBroker(account, placement);
  if (placement.orderClass !== 'SIMPLE') await refuseUsedLegs(pipeline, placement);
  const venueRefusal = await judgeVenue(async (query) => (await pipeline.ask(query))[0], {
    account,
    instrument: circumstances.instrument,
    isLiveTrading: ports.isLiveTrading ?? false,
  });
  const now = ports.clock.now();
  const risk = await readRisk(account, {
    ...{ circumstances, quotes: ports.quotes, now },
    ask: async (query) => (await pipeline.ask(query))[0],
  });
  return { situation: { account, placement, circumstances, risk, venueRefusal, now } };
}

/** What a key keeps of what came of it. */
export const keyWrites = (key: KeyUse<AdmissionOutcome>, outcome: AdmissionOutcome): Writes => ({
  queries: [key.keep(outcome)],
  events: [],
});

/** The client order ids of its legs are taken like its own. */
async function refuseUsedLegs(
  pipeline: Pipeline,
  { accountId, clientOrderId }: Placement,
): Promise<void> {
  const ids = legClientOrderIds(clientOrderId);
  const [[used]] = await pipeline.ask(usedClientOrderIds(accountId, ids));
  if (used) throw new IdempotencyConflict(used.clientOrderId);
}

export interface AdmissionSituation {
  /** As it was read under its lock. */
  readonly account: Account;
  readonly placement: Placement;
  readonly circumstances: Circumstances;
  readonly risk: Risk;
  /** Why it cannot go where the account is. */
  readonly venueRefusal: VenueRefusal | undefined;
  readonly now: Date;
}

/** An order as it is to be stored, with the account as it was before. */
export interface AdmissionDecision {
  readonly account: Account;
  readonly placed: NewOrder;
  readonly legs: readonly NewOrder[];
  readonly refusal: Refusal | null;
}

export function decideAdmission(
  ports: AdmissionPorts,
  situation: AdmissionSituation,
): AdmissionDecision {
  const { ids, quotes, quoteFreshnessMs: freshnessMs } = ports;
  const { account, placement, circumstances, risk, venueRefusal, now } = situation;
  const { instrument, holding, isTaken } = circumstances;
  // An order outlives its idempotency key, and its client order id stays taken.
  if (isTaken) throw new IdempotencyConflict(placement.clientOrderId);
  const quote = quoteToJudgeBy(quotes, instrument, { now, freshnessMs });
  const expiresAt = expiryOf(placement, { timetable: instrument, now });
  const reckoned = reckon(placement, quote, instrument);
  const input = { account, instrument, order: reckoned, quote, holding, risk, venueRefusal, now };
  const verdict = judge(input);
  const identity = { id: ids.next(), ownerId: account.ownerId, instrumentId: instrument.id };
  const isWaiting = account.kind === 'LIVE';
  const placed = newOrder({
    ...{ ...identity, placement: reckoned, expiresAt, verdict, isWaiting, now },
  });
  return {
    ...{ account, placed },
    legs: verdict.isAllowed ? newLegs(placed.order, placement, ids) : [],
    refusal: verdict.isAllowed ? null : verdict.refusal,
  };
}

export const admittedBy = ({ placed: { order }, legs, refusal }: AdmissionDecision): Admitted => ({
  outcome: { orderId: order.id, refusal },
  order,
  legs: legs.map((leg) => leg.order),
});

/** The account once it holds back what the order takes. */
export function reservedBy({ account, placed: { order } }: AdmissionDecision): Account {
  return { ...account, reserved: new Decimal(account.reserved).plus(order.reserved) };
}

export function writesOfAdmission(decision: AdmissionDecision): Writes {
  const { account, placed, legs } = decision;
  const { reserved, createdAt } = placed.order;
  const all = [placed, ...legs];
  const isReserving = !reserved.isZero();
  return {
    queries: [
      ...all.flatMap((each) => orderInsert(each.order, each.history)),
      ...reserveMore(account.id, reserved),
    ],
    events: [
      ...all.map((each) => orderChanged(each.order)),
      ...(isReserving ? [balanceChanged(reservedBy(decision), createdAt)] : []),
    ],
  };
}
