import {
  createSourceEventStream,
  execute,
  GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Database } from '../services/platform/database.ts';
import { soon, type Soon } from '../services/platform/soon.ts';
import { createLiveResults } from './live-results.ts';
import { planFor, type OperationPlan } from './plans/plan.ts';
import { resumedAfter, withEventId } from './resumption.ts';
import type { ServerContext } from './server-context.ts';
import type { LiveWork } from './live-work.ts';
import { countDelivered } from './delivered-events.ts';
import type { SharedResults } from './shared-results.ts';
import type { Context } from '../schema/context.ts';
import { inSnapshot } from './use-snapshot.ts';

export interface LivePorts {
  readonly db: Database;
  readonly work: LiveWork;
}

/**
 * Executes each event of a subscription with a fresh context: its own viewer, snapshot and scopes.
 * (graphql-js would use one context for all, and a permission that was taken away would hold for as
 * long as the stream.) What is the same for everyone is executed once, in nobody's name. A stream that
 * fails ends with a result that says why.
 */
export function useLive(ports: LivePorts & { readonly shared: SharedResults }): Plugin {
  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn((args) => subscribe(ports, args));
    },
  };
}

async function subscribe(
  { shared, ...ports }: LivePorts & { readonly shared: SharedResults },
  args: ExecutionArgs,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const context = args.contextValue as ServerContext;
  const { renew, confirm, deliver, caller, lastEventId, rights } = context;
  const source = await createSourceEventStream(
    lastEventId === undefined ? args : resumedAfter(args, lastEventId),
  );
  if (!(Symbol.asyncIterator in source)) return source;
  const events = source[Symbol.asyncIterator]();
  const present = (result: ExecutionResult, event: unknown): ExecutionResult =>
    caller ? withEventId(result, event) : result;
  // What is executed in nobody's name sees market data, so whoever may not see it does not share.
  const reader = rights.mayReadMarketData ? shared.join(args) : undefined;
  const plan = planFor(args);
  const results = createLiveResults({
    ...{ source: events as AsyncIterator<object>, reader, deliver, confirm, present },
    executeAlone: (event) => executeEvent(ports, args, { event, contextValue: renew() }, plan),
    onDelivered: countDelivered(context),
  });
  return endingInWords(results);
}

/** Executes one event, in one snapshot of the database; at once where nothing has to be read. */
export function executeEvent(
  { db, work }: LivePorts,
  args: ExecutionArgs,
  { event, contextValue }: { readonly event: unknown; readonly contextValue: Context },
  plan: OperationPlan | undefined = planFor(args),
): Soon<ExecutionResult> {
  const executeWhole = () => execute({ ...args, rootValue: event, contextValue });
  return work.run(() =>
    inSnapshot(db, contextValue, () =>
      soon(plan?.(event, contextValue), (planned) => planned ?? executeWhole()),
    ),
  );
}

/** The error of a stream as its last result: both transports deliver that, and mask it alike. */
function endingInWords(
  results: AsyncIterableIterator<ExecutionResult>,
): AsyncIterableIterator<ExecutionResult> {
  const iterator: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      try {
        return await results.next();
      } catch (error) {
        const originalError = error instanceof Error ? error : new Error(String(error));
        const errors = [new GraphQLError(originalError.message, { originalError })];
        return { done: false, value: { errors } };
      }
    },
    async return() {
      await results.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
