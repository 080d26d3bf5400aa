import { setTimeout as delay } from 'node:timers/promises';
import type { LiveConnection } from './live-connection.ts';

/** A trade as a subscriber got it. */
export interface FollowedTrade {
  readonly cursor: string;
  readonly tradeId: string;
  /** Null for a trade that a person ordered. */
  readonly runId: string | null;
  readonly clientOrderId: string | null;
}

/** A subscriber that goes on from its last cursor whenever its connection breaks. */
export interface TradeFollower {
  /** Everything it got, in the order in which it got it. */
  readonly trades: readonly FollowedTrade[];
  /** How often it got on behind a cursor after its connection broke. */
  readonly resumptions: number;
  /** Reasons of the gaps that it was told of; it should never be. */
  readonly gaps: readonly string[];
  /** Errors that came over the stream, such as those of a server whose database is gone. */
  readonly errors: readonly string[];
  stop(): Promise<void>;
}

export const TRADES_SUBSCRIPTION = `
  subscription Trades($after: Cursor, $accountId: ID) {
    tradeExecuted(after: $after, accountId: $accountId) {
      ... on TradeExecuted { cursor trade { id order { runId clientOrderId } } }
      ... on StreamGap { reason }
    }
  }`;

interface TradesResult {
  readonly tradeExecuted: {
    readonly reason?: string;
    readonly cursor: string;
    readonly trade: {
      readonly id: string;
      readonly order: { readonly runId: string | null; readonly clientOrderId: string } | null;
    };
  };
}

/**
 * Follows all trades of whoever `connect` logs in. `pauseMs` is how long it stays away after a break;
 * it misses what happens meanwhile.
 */
export function followTrades({
  connect,
  pauseMs,
  after,
}: {
  readonly connect: () => LiveConnection;
  readonly pauseMs: () => number;
  readonly after?: string | undefined;
}): TradeFollower {
  const trades: FollowedTrade[] = [];
  const gaps: string[] = [];
  const streamErrors: string[] = [];
  let resumptions = 0;
  const end = new AbortController();
  const isStopped = () => end.signal.aborted;
  let connection: LiveConnection | undefined;

  const take = ({ tradeExecuted }: TradesResult): void => {
    if (tradeExecuted.reason !== undefined) {
      gaps.push(tradeExecuted.reason);
      return;
    }
    const { cursor, trade } = tradeExecuted;
    const { runId = null, clientOrderId = null } = trade.order ?? {};
    trades.push({ cursor, tradeId: trade.id, runId, clientOrderId });
  };

  const read = async (from: string | undefined): Promise<void> => {
    connection = connect();
    const variables = from === undefined ? {} : { after: from };
    const operation = { query: TRADES_SUBSCRIPTION, variables };
    let isFirst = true;
    try {
      for await (const { data, errors } of connection.iterate<TradesResult>(operation)) {
        if (errors) {
          streamErrors.push(...errors.map(({ message }) => message));
          // The event may be in what failed: it is asked for again.
          return;
        }
        if (data) take(data);
        if (isFirst && from !== undefined) resumptions += 1;
        isFirst = false;
      }
    } catch {
      // The connection broke, which is what this follower is for.
    } finally {
      connection.close();
    }
  };

  const follow = async (): Promise<void> => {
    for (;;) {
      const cursor = trades.at(-1)?.cursor ?? after;
      await read(cursor);
      if (isStopped()) return;
      await delay(pauseMs());
      if (isStopped()) return;
    }
  };
  const running = follow();

  return {
    trades,
    gaps,
    errors: streamErrors,
    get resumptions() {
      return resumptions;
    },
    async stop() {
      end.abort();
      connection?.close();
      await running;
    },
  };
}
