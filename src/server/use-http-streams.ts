import { GraphQLError, type ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Caller } from './callers.ts';
import { protocolError } from './protocol-error.ts';
import { addressKey } from '../services/accounts/entry-limits.ts';
import { createOpenPlaces, type OpenPlacesLimits } from './open-places.ts';
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

/** Server-sent events: they end with the caller's session, and with the server. */
export function createHttpStreams(ports: SessionEndPorts, limits: OpenPlacesLimits): HttpStreams {
  const open = new Set<Endable<ExecutionResult>>();
  const places = createOpenPlaces(limits);

  const keep = (
    source: AsyncIterator<ExecutionResult>,
    { caller, giveBack }: { readonly caller: Caller; readonly giveBack: () => void },
  ): AsyncIterableIterator<ExecutionResult> => {
    const kept = endable(source, () => {
      open.delete(kept);
      giveBack();
      stopWatching();
    });
    open.add(kept);
    const stopWatching = watchSession(ports, caller, ({ error }) => {
      kept.end({ errors: [new GraphQLError(error.message, { originalError: error })] });
    });
    return kept.stream;
  };

  const plugin: Plugin<HttpContext> = {
    onSubscribe({ args }) {
      const { caller } = args.contextValue as HttpContext;
      if (!caller) return undefined;
      return {
        onSubscribeResult({ result, setResult }) {
          if (!(Symbol.asyncIterator in result)) return;
          const source = (result as AsyncIterable<ExecutionResult>)[Symbol.asyncIterator]();
          const giveBack = places.take(addressKey(caller.viewer.address));
          if (giveBack) {
            setResult(keep(source, { caller, giveBack }));
            return;
          }
          // Nothing was asked of it yet, and nobody waits for it to end.
          source.return?.().catch(() => undefined);
          setResult({ errors: [tooMany()] });
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
