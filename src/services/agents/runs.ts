import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { Account, AgentLogEntry, TradingModel } from '../platform/prisma/client.ts';
import type { TraderKind, UserRole } from '../platform/prisma/enums.ts';
import type { Timers } from '../platform/timers.ts';
import { systemViewer, userViewer, type AuthenticatedViewer } from '../platform/viewer.ts';
import type { AgentLog, NewLogLine } from './agent-log.ts';
import type { Briefings } from './briefings.ts';
import { decideInTime, DecisionTimedOut } from './decision-deadline.ts';
import type { createOrderPlacement } from './order-placement.ts';
import { decisionLines, plannedOrders } from './run-log.ts';
import { runIdOf } from './run-schedule.ts';
import type { Trader, TraderUsage } from './trader.ts';
import { tradingDay } from './trading-day.ts';

/** What a run needs to know of a model. */
export interface RunnableModel extends Pick<
  TradingModel,
  'id' | 'ownerId' | 'universe' | 'trader' | 'intervalSeconds' | 'createdAt'
> {
  readonly owner: { readonly role: UserRole };
}

export type Traders = Readonly<Partial<Record<TraderKind, Trader>>>;

export interface RunsPorts {
  readonly workerDb: Database;
  readonly agentLog: Pick<AgentLog, 'append' | 'ofRun'>;
  readonly briefings: Briefings;
  readonly placeOrder: ReturnType<typeof createOrderPlacement>;
  readonly traders: Traders;
  readonly clock: Clock;
  readonly timers: Pick<Timers, 'after'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly ordersMax: number;
  readonly decisionTimeoutMs: number;
}

type RunAccount = Pick<Account, 'id' | 'zone'>;

interface Run {
  readonly id: string;
  readonly model: RunnableModel;
  readonly account: RunAccount;
  /** The run's clock. */
  readonly asOf: Date;
  readonly stop: AbortSignal;
}

/** What a run thought and decided, before it is stored. */
interface Thoughts {
  readonly lines: readonly NewLogLine[];
  readonly usage?: TraderUsage;
}

/** Carries out single runs. Each can be repeated at any time and changes nothing a second time. */
export function createRuns(ports: RunsPorts) {
  const { workerDb, agentLog, briefings, traders, clock, logger } = ports;

  /** A trader that fails has decided nothing; its failure is part of the log. */
  const think = async ({ id, model, account, asOf, stop }: Run): Promise<Thoughts> => {
    const trader = traders[model.trader];
    if (!trader) throw new Error(`No trader is there for ${model.trader}.`);
    const viewer = viewerFor(model);
    const briefing = await briefings.make({ viewer, model, account, asOf });
    const { timers, ordersMax, decisionTimeoutMs: timeoutMs } = ports;
    try {
      const outcome = await decideInTime(trader, briefing, { timers, timeoutMs, stop });
      return { lines: decisionLines(outcome, { runId: id, ordersMax }), usage: outcome.usage };
    } catch (error) {
      // The program stops: nothing is stored, so that the run begins anew with the next start.
      stop.throwIfAborted();
      logger.warn({ err: error, modelId: model.id, runId: id }, 'A trader failed.');
      return { lines: [{ sequence: 0, kind: 'SYSTEM', content: failureInWords(error) }] };
    }
  };

  /**
   * Stores what was decided, unless the model was stopped meanwhile (nothing is stored then) or
   * this run was stored before (then that one counts). The model's lock keeps both true until the
   * commit.
   */
  const store = ({ id, model, account }: Run, { lines, usage }: Thoughts) =>
    workerDb.withViewer(systemViewer(), async (tx): Promise<AgentLogEntry[]> => {
      const [locked] = await tx.$queryRaw<{ status: string }[]>`
        SELECT status::text FROM models WHERE id = ${model.id}::uuid FOR NO KEY UPDATE`;
      if (locked?.status !== 'ACTIVE') return [];
      const before = await agentLog.ofRun(tx, id);
      if (before.length > 0) return before;
      if (usage?.costUsd.greaterThan(0)) {
        const costUsd = { increment: usage.costUsd };
        await tx.modelSecrets.update({ where: { modelId: model.id }, data: { costUsd } });
      }
      const now = clock.now();
      const date = tradingDay(now, account.zone);
      return agentLog.append(tx, { model, runId: id, date, occurredAt: now, lines });
    });

  const carryOut = async (run: Run, stored: readonly AgentLogEntry[]): Promise<void> => {
    const { id: runId, model, account } = run;
    const isDone = new Set(stored.map(({ sequence }) => sequence));
    for (const order of plannedOrders(stored)) {
      if (isDone.has(order.sequence)) continue;
      const line = await ports.placeOrder({
        ...{ order, runId, accountId: account.id, universe: model.universe },
        viewer: viewerFor(model),
        decidedAt: stored[0]?.occurredAt ?? run.asOf,
      });
      const now = clock.now();
      const written = { model, runId, date: tradingDay(now, account.zone), occurredAt: now };
      await workerDb.withViewer(systemViewer(), (tx) =>
        agentLog.append(tx, { ...written, lines: [line] }),
      );
    }
  };

  return {
    /**
     * The run of a model at a slot: what was decided is stored first, with its log lines, and then
     * the orders follow. Where it was stored before, only the orders that are missing follow.
     */
    async carryOut(model: RunnableModel, slot: Date, stop: AbortSignal): Promise<void> {
      const id = runIdOf(model, slot);
      const { account, before } = await workerDb.snapshot(systemViewer(), async (tx) => ({
        account: await findAccount(tx, model),
        before: await agentLog.ofRun(tx, id),
      }));
      if (!account) {
        logger.warn({ modelId: model.id }, 'A model has no account to trade on.');
        return;
      }
      const run = { id, model, account, asOf: clock.now(), stop };
      const stored = before.length > 0 ? before : await store(run, await think(run));
      await carryOut(run, stored);
    },
  };
}

export type Runs = ReturnType<typeof createRuns>;

const viewerFor = ({ ownerId, owner }: RunnableModel): AuthenticatedViewer =>
  userViewer({ userId: ownerId, role: owner.role });

/** Where a model trades: its oldest paper account that is open. */
function findAccount(tx: Tx, { id: modelId, ownerId }: RunnableModel): Promise<RunAccount | null> {
  return tx.account.findFirst({
    where: { modelId, ownerId, kind: 'PAPER', status: 'ACTIVE' },
    orderBy: { createdAt: 'asc' },
    select: { id: true, zone: true },
  });
}

/** For the log, which others may read: what went wrong inside stays in the program's own log. */
function failureInWords(error: unknown): string {
  return error instanceof DecisionTimedOut
    ? 'The trader did not decide in time. Nothing was decided.'
    : 'The trader failed. Nothing was decided.';
}
