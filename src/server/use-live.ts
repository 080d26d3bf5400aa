import {
  createSourceEventStream,
  execute,
  GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Database } from '../services/platform/database.ts';
import { mapStream } from '../services/platform/live-iterator.ts';
import type { ServerContext } from './server-context.ts';
import { inSnapshot } from './use-snapshot.ts';

/**
 * Executes each event of a subscription for itself, with a fresh context: its own viewer, snapshot and
 * scopes. (graphql-js would use one context for all, and a permission that was taken away would hold
 * for as long as the stream.) A stream that fails ends with a result that says why.
 */
export function useLive(db: Database): Plugin {
  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn((args) => subscribe(db, args));
    },
  };
}

async function subscribe(
  db: Database,
  args: ExecutionArgs,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const { renew } = args.contextValue as ServerContext;
  const results = mapStream(source[Symbol.asyncIterator](), (event) => {
    const contextValue = renew();
    return inSnapshot(db, contextValue, () => execute({ ...args, rootValue: event, contextValue }));
  });
  return endingInWords(results);
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
