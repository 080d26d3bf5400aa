import type { QuoteBook } from '../market/quote-book.ts';
import type { Clock } from '../platform/clock.ts';
import { StreamInterrupted } from '../platform/event-log/errors.ts';
import type { Streams } from '../platform/event-log/streams.ts';
import type { Timers } from '../platform/timers.ts';
import { requireUser, userViewer, type Viewer } from '../platform/viewer.ts';
import { createAccountBook } from './account-book.ts';
import { readBook, type BookContentsPorts } from './book-contents.ts';
import { createBookKeeper } from './book-keeper.ts';
import { accountTopic, BALANCE_CHANGED, POSITION_CHANGED, TRADE_EXECUTED } from './events.ts';
import type { AccountValue } from './live-value.ts';

export interface AccountWatchPorts extends BookContentsPorts {
  readonly streams: Pick<Streams, 'durable' | 'head'>;
  readonly quotes: Pick<QuoteBook, 'latest' | 'onQuote'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly quoteFreshnessMs: number;
}

/** Somebody who follows what an account is worth. */
export interface Watcher {
  readonly onChange: () => void;
  readonly onEnd: (error: unknown) => void;
}

/** What one account is worth, for all who follow it. */
export interface AccountWatch {
  read(): AccountValue;
  readonly watchers: Set<Watcher>;
  /** Its events have ended: whoever comes now needs another. */
  readonly isOver: boolean;
  /** Whether it holds the instrument, so that a quote of it matters. */
  holds(instrumentId: string): boolean;
  changed(): void;
  close(): void;
}

const TYPES = [TRADE_EXECUTED, POSITION_CHANGED, BALANCE_CHANGED];

/**
 * Reads an account once, and follows its events from there: a tick costs no query. Ends its
 * watchers when the events stay away; they come again and read anew. Rejects with NotFound for an
 * account that is not the viewer's.
 */
export async function openAccountWatch(
  ports: AccountWatchPorts,
  viewer: Viewer,
  accountId: string,
): Promise<AccountWatch> {
  const { streams, quotes, clock, quoteFreshnessMs: freshnessMs } = ports;
  // Shared by all of its owner's readers: a key's own limits were seen to when each of them came.
  const owner = userViewer(requireUser(viewer));
  const { head, ...contents } = await readBook(ports, owner, accountId);
  const book = createAccountBook(contents, { latest: quotes.latest, freshnessMs });
  const source = { topic: accountTopic(accountId) };
  const events = streams.durable(owner, source, { types: TYPES, after: head });
  const watchers = new Set<Watcher>();
  let value: AccountValue | undefined;
  let held = book.instrumentIds();
  let isOver = false;

  const changed = (): void => {
    value = undefined;
    for (const { onChange } of watchers) onChange();
  };
  const keeper = createBookKeeper(ports, {
    ...{ book, owner },
    onChange() {
      held = book.instrumentIds();
      changed();
    },
  });
  const endAll = (error: unknown): void => {
    isOver = true;
    keeper.stop();
    for (const { onEnd } of [...watchers]) onEnd(error);
  };
  const follow = async (): Promise<void> => {
    for await (const item of events) {
      if (item.kind === 'gap') throw new StreamInterrupted(item);
      await keeper.hear(item.event);
    }
    throw new StreamInterrupted('The events ended.');
  };
  follow().catch(endAll);

  return {
    watchers,
    get isOver() {
      return isOver;
    },
    holds: (instrumentId) => held.has(instrumentId),
    changed,
    read() {
      const now = clock.now();
      keeper.turnDay(now).catch(endAll);
      return (value ??= book.value(now));
    },
    close() {
      isOver = true;
      // Nothing waits for it, and a failure to stop changes nothing.
      events.return?.().catch(() => undefined);
    },
  };
}
