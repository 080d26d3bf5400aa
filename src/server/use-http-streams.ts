import { GraphQLError, type ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { ServerResponse } from 'node:http';
import { addressKey } from '../services/accounts/entry-limits.ts';
import type { Caller } from './callers.ts';
import { endable, type Endable } from './endable.ts';
import type { OpenPlaces } from './open-places.ts';
import { protocolError } from './protocol-error.ts';
import { watchSession, type SessionEndPorts } from './session-end.ts';
import { createStalledReaders } from './stalled-readers.ts';

/** What the context of a subscription over HTTP holds besides; one over a socket has no `caller`. */
interface HttpContext {
  readonly caller?: Caller;
  /** Not there for a request that came over no connection. */
  readonly res?: ServerResponse;
}

/** Places for streams: of the process and of each address, and of each person. */
export interface StreamPlaces {
  readonly ofAddresses: OpenPlaces;
  readonly ofPeople: OpenPlaces;
}

export interface HttpStreams {
  readonly plugin: Plugin<HttpContext>;
  /** Whether all that was given to be sent has left the process. */
  isFlushed(): boolean;
  /**
   * Breaks all streams off, so that their requests can finish. They are not told that they are complete:
   * their readers come again, and go on behind the last event.
   */
  endAll(): void;
}

interface OpenStream {
  readonly kept: Endable<ExecutionResult>;
  readonly response: ServerResponse | undefined;
}

/** Server-sent events: they end with the caller's session, with the server, and with a dead reader. */
export function createHttpStreams(ports: SessionEndPorts, places: StreamPlaces): HttpStreams {
  const open = new Set<OpenStream>();
  const stalled = createStalledReaders(ports.timers);

  const keep = (
    source: AsyncIterator<ExecutionResult>,
    { caller, res: response }: HttpContext & { readonly caller: Caller },
    giveBack: () => void,
  ): AsyncIterableIterator<ExecutionResult> => {
    const kept = endable(source, () => {
      open.delete(entry);
      giveBack();
      stopWatching();
      watched?.leave();
    });
    const entry = { kept, response };
    open.add(entry);
    const watched = response && stalled.watch(kept.stream, response);
    const stopWatching = watchSession(ports, caller, ({ error }) => {
      kept.end({ errors: [new GraphQLError(error.message, { originalError: error })] });
    });
    // Whoever waits to write on is not told of a reader who leaves while all is full.
    response?.once('close', () => {
      kept.leave();
    });
    return watched?.stream ?? kept.stream;
  };

  const plugin: Plugin<HttpContext> = {
    onSubscribe({ args }) {
      const { caller, res } = args.contextValue as HttpContext;
      if (!caller) return undefined;
      return {
        onSubscribeResult({ result, setResult }) {
          if (!(Symbol.asyncIterator in result)) return;
          const source = (result as AsyncIterable<ExecutionResult>)[Symbol.asyncIterator]();
          const giveBack = takePlaces(places, caller);
          if (giveBack) {
            setResult(keep(source, { caller, ...(res && { res }) }, giveBack));
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
    isFlushed: () => [...open].every(({ response }) => (response?.writableLength ?? 0) === 0),
    endAll() {
      for (const { kept, response } of open) {
        // One that was asked for just now is not begun yet, and is broken off the next time.
        if (response?.headersSent === false) continue;
        if (response) {
          kept.leave();
          response.end();
        } else kept.end();
      }
    },
  };
}

function takePlaces(
  { ofAddresses, ofPeople }: StreamPlaces,
  { viewer: { address, userId } }: Caller,
): (() => void) | undefined {
  const ofAddress = ofAddresses.take(addressKey(address));
  if (!ofAddress || userId === null) return ofAddress;
  const ofPerson = ofPeople.take(userId);
  if (!ofPerson) {
    ofAddress();
    return undefined;
  }
  return () => {
    ofAddress();
    ofPerson();
  };
}

function tooMany(): GraphQLError {
  return protocolError('RATE_LIMITED', 'Too many streams are open. Try again later.', {
    retryAfterSeconds: 5,
  });
}
