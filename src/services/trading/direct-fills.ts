import { reserveMore } from '../portfolio/locks.ts';
import {
  admittedBy,
  decideAdmission,
  keyWrites,
  readSituation,
  reservedBy,
  writesOfAdmission,
  type AdmissionDecision,
  type AdmissionPorts,
  type AdmissionRequest,
  type Admitted,
} from './admission.ts';
import { decideFill, type FillDecision, type FillPorts, type Situation } from './fill-decision.ts';
import { createBatches } from '../platform/batches.ts';
import { LOCK_NOT_AVAILABLE, NotShared } from '../platform/handed-parts.ts';
import { leaseHold, LEASE_OVER } from './leases.ts';
import { courseOf } from './order-course.ts';
import { orderInsert } from './order-inserts.ts';
import { orderChanged } from './events.ts';
import type { Database } from '../platform/database.ts';
import type { HandedPipeline } from '../platform/pipeline.ts';
import type { DirectDesk } from './direct-desk.ts';
import type { PaperEngine } from './paper-engine.ts';

export interface DirectFillsPorts extends Pick<FillPorts, 'booking'> {
  /** The server's: its snapshots end when something is written. */
  readonly db: Pick<Database, 'pauseSnapshot'>;
  readonly workerDb: Pick<Database, 'handedPipelines'>;
  readonly engine: Pick<PaperEngine, 'directDesk'>;
  /** Transactions at once: each takes a connection of the worker's. */
  readonly runningMax: number;
}

/**
 * Orders that are filled while they are placed. Where the process that places an order fills its instrument
 * as well, and nothing else is to be filled first, one transaction does both: what would be stored twice is
 * stored once, and committed once.
 *
 * The walls are as they were. The transaction begins as the viewer with the rights of the server: what is
 * read of the account, and the order with its key, pass row-level security. Only then it goes on as the
 * worker, which alone may book trades, and needs the lease as every fill does.
 */
export interface DirectFills {
  /**
   * Admits an order and tries to fill it. Undefined, with nothing stored, where that cannot be done in one
   * now: then it goes the ordinary way. Throws as `admit` does.
   */
  place(ports: AdmissionPorts, request: AdmissionRequest): Promise<Admitted | undefined>;
}

/** Orders of one transaction: enough to share the cost of a commit, and few to wait for each other. */
const BATCH_MAX = 8;

export function createDirectFills(direct: DirectFillsPorts): DirectFills {
  const { engine, runningMax } = direct;
  const deskOf = ({ request: { placement } }: Wanted) => engine.directDesk(placement);
  const batches = createBatches<Wanted, Admitted | undefined>({
    ...{ runningMax, batchMax: BATCH_MAX },
    // A second order of an account would wait for its lock with a connection in hand. Of a viewer: who may not
    // lock an account does not have its owner wait.
    keyOf: ({ request }) => `${String(request.viewer.userId)} ${locksOf(request)}`,
    async alone(wanted) {
      const desk = deskOf(wanted);
      if (!desk) return undefined;
      const [settled] = await attempt(direct, [{ ...wanted, desk }]).catch(noneIfElsewhere);
      if (settled?.status === 'rejected') throw settled.reason;
      return settled?.value;
    },
    async together(all) {
      const desks = all.map(deskOf);
      const given = all.flatMap((wanted, index) => {
        const desk = desks[index];
        return desk ? [{ ...wanted, desk }] : [];
      });
      const settled = [...(await attempt(direct, given))];
      return desks.map((desk) => {
        if (!desk) return ELSEWHERE;
        const one = settled.shift();
        return one?.status === 'rejected' && one.reason instanceof NotShared ? undefined : one;
      });
    },
  });
  return {
    place: async (ports, request) =>
      engine.directDesk(request.placement) ? batches({ ports, request }) : undefined,
  };
}

/** What cannot be filled here any more goes the ordinary way. */
const ELSEWHERE = { status: 'fulfilled', value: undefined } as const;

/** An order that asks to be filled while it is placed. */
interface Wanted {
  readonly ports: AdmissionPorts;
  readonly request: AdmissionRequest;
}

/** As PostgreSQL orders the ids of accounts, in whatever case they came. */
const locksOf = ({ placement }: AdmissionRequest): string => placement.accountId.toLowerCase();

/** Who fills it is another process by now, or who holds its account's lock takes longer: it can wait elsewhere. */
const noneIfElsewhere = (error: unknown): readonly [] => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === LEASE_OVER || code === LOCK_NOT_AVAILABLE) return [];
  throw error;
};

/** Places all of them in one transaction. */
async function attempt(
  direct: DirectFillsPorts,
  orders: readonly (Wanted & { readonly desk: DirectDesk })[],
): Promise<readonly PromiseSettledResult<Admitted>[]> {
  const { db, workerDb } = direct;
  const attempts = orders.map((order) => ({ ...order, direct, taken: [] as (() => void)[] }));
  const giveBack = ({ taken }: Pick<Attempt, 'taken'>): void => {
    for (const back of taken.splice(0)) back();
  };
  try {
    for (const { request } of orders) await db.pauseSnapshot(request.viewer);
    const settled = await workerDb.handedPipelines(
      attempts.map((given) => ({
        viewer: given.request.viewer,
        locks: locksOf(given.request),
        work: (pipeline) => admitAndFill(pipeline, given),
      })),
    );
    for (const [at, given] of attempts.entries()) {
      if (settled[at]?.status === 'rejected') giveBack(given);
    }
    return settled;
  } catch (error) {
    if (isUndone(error)) for (const given of attempts) giveBack(given);
    throw error;
  }
}

/**
 * Whether the database has said no. Whatever else fails may have been committed: what is left of such an order
 * is found with the next renewal of the desks, and what it took stays taken.
 */
const isUndone = (error: unknown): boolean =>
  error instanceof Error && 'severity' in error && error.severity === 'ERROR';

interface Attempt extends Wanted {
  readonly direct: DirectFillsPorts;
  readonly desk: DirectDesk;
  /** Is given what takes back what the fill took of the offers. */
  readonly taken: (() => void)[];
}

async function admitAndFill(
  pipeline: HandedPipeline,
  { ports, request, direct, desk, taken }: Attempt,
): Promise<Admitted> {
  const { used, situation } = await readSituation(pipeline, ports, request);
  if (used) return { outcome: used, order: undefined, legs: [] };
  const admission = decideAdmission(ports, situation);
  const admitted = admittedBy(admission);
  const { account, placed, refusal } = admission;
  const isHere = refusal === null && account.kind === 'PAPER';
  // What stays open is not tried again for nothing.
  if (isHere) desk.learn(account.id, account, placed.order.createdAt);
  const fill = isHere
    ? tryFill(admission, situation.circumstances, { ports, direct, desk })
    : undefined;
  const key = keyWrites(request.key, admitted.outcome);
  if (!fill?.course) {
    pipeline.store(writesOfAdmission(admission), key);
    return admitted;
  }
  const { outcome, course, booked } = fill;
  if (outcome.kind === 'FILLED') taken.push(desk.take(account, outcome));
  const history = [...placed.history, ...course.changes.map(({ change }) => change)];
  pipeline.store({ queries: orderInsert(course.order, history), events: [] }, key);
  pipeline.storeAsWorker({
    queries: [
      ...(booked?.queries ?? []),
      ...reserveMore(account.id, course.account.reserved.minus(account.reserved)),
    ],
    calls: booked?.calls ?? [],
    events: [orderChanged(placed.order), ...(booked?.events ?? []), ...course.events],
  });
  pipeline.guard(desk.lease.instrument.id, leaseHold(desk.lease));
  return { ...admitted, order: course.order, isTried: true };
}

/** What comes of the order that is accepted when it is tried now; the order is stored by nobody yet. */
function tryFill(
  admission: AdmissionDecision,
  { position, lastTradeAt }: Pick<Situation, 'position' | 'lastTradeAt'>,
  { ports, direct, desk }: Pick<Attempt, 'ports' | 'direct' | 'desk'>,
): FillDecision {
  const { placed, account } = admission;
  const { booking } = direct;
  const course = { ...courseOf(account, placed.order), account: reservedBy(admission) };
  const { createdAt: now, stopPrice } = placed.order;
  return decideFill(
    { booking, clock: ports.clock },
    { ...desk, stopPrice, touchedAt: () => undefined },
    { course, position, lastTradeAt, others: [], now },
  );
}
