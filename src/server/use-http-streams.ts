import { GraphQLError, type ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Caller } from './callers.ts';
import { protocolError } from './protocol-error.ts';
import { endable, type Endable } from './endable.ts';
import { watchSession, type SessionEndPorts } from './session-end.ts';

/** What the context of a subscription over HTTP holds besides; one over a socket has no `caller`. */
interface HttpContext {
  readonly caller?: Caller;
}

export interface HttpStreams {
  readonly plugin: Plugin<HttpContext>;
  /** Ends all streams, so that their requests can finish. */
  endAll(): void;
}

/** How many streams over HTTP one process serves. */
const STREAMS_MAX = 5_000;

/** Server-sent events: they end with the caller's session, and with the server. */
export function createHttpStreams(ports: SessionEndPorts): HttpStreams {
  const open = new Set<Endable<ExecutionResult>>();

  const keep = (
    source: AsyncIterator<ExecutionResult>,
    caller: Caller,
  ): AsyncIterableIterator<ExecutionResult> => {
    const kept = endable(source, () => {
      open.delete(kept);
      stopWatching();
    });
    open.add(kept);
    const stopWatching = watchSession(ports, caller, ({ error }) => {
      kept.end({ errors: [new GraphQLError(error.message, { originalError: error })] });
    });
    return kept.stream;
  };

  const plugin: Plugin<HttpContext> = {
    onSubscribe({ args, setResultAndStopExecution }) {
      const { caller } = args.contextValue as HttpContext;
      if (!caller) return undefined;
      if (open.size >= STREAMS_MAX) {
        setResultAndStopExecution({ errors: [tooMany()] });
        return undefined;
      }
      return {
        onSubscribeResult({ result, setResult }) {
          if (!(Symbol.asyncIterator in result)) return;
          const source = (result as AsyncIterable<ExecutionResult>)[Symbol.asyncIterator]();
          setResult(keep(source, caller));
        },
      };
    },
  };
  return {
    plugin,
    endAll() {
      for (const stream of open) stream.end();
    },
  };
}

function tooMany(): GraphQLError {
  return protocolError('RATE_LIMITED', 'Too many streams are open. Try again later.', {
    retryAfterSeconds: 5,
  });
}
