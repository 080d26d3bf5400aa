import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../schema/context.ts';
import type { ApiKeyRate } from '../services/accounts/api-key-rate.ts';
import { RateLimited } from '../services/platform/errors.ts';
import { protocolError } from './protocol-error.ts';

/** Refuses operations of a key of the API past its own number a minute, on every transport. */
export function useApiKeyRate(rate: ApiKeyRate): Plugin {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      // Nearly all that come have no key, and need not wait for a verdict.
      if ((args.contextValue as unknown as Context).viewer.apiKey === null) return undefined;
      return judge(rate, args).then((refusal) => {
        if (refusal) setResultAndStopExecution(refusal);
      });
    },
    async onSubscribe({ args, setResultAndStopExecution }) {
      const refusal = await judge(rate, args);
      if (refusal) setResultAndStopExecution(refusal);
    },
  };
}

async function judge(
  rate: ApiKeyRate,
  { contextValue }: Pick<ExecutionArgs, 'contextValue'>,
): Promise<ExecutionResult | undefined> {
  const { viewer } = contextValue as Context;
  try {
    await rate.take(viewer);
    return undefined;
  } catch (error) {
    if (!(error instanceof RateLimited)) throw error;
    const { retryAfterSeconds } = error;
    const message = `This API key runs no more operations in this minute. Try again in ${retryAfterSeconds} s.`;
    return { errors: [protocolError('RATE_LIMITED', message, { retryAfterSeconds })] };
  }
}
