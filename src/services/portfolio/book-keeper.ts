import { DateTime } from 'luxon';
import type { StoredEvent } from '../platform/event-log/stored-event.ts';
import type { Timers } from '../platform/timers.ts';
import type { Viewer } from '../platform/viewer.ts';
import type { AccountBook } from './account-book.ts';
import { readInstruments, type BookContentsPorts } from './book-contents.ts';
import {
  BALANCE_CHANGED,
  parseBalanceChanged,
  parsePositionChanged,
  parseTradeExecuted,
  POSITION_CHANGED,
  TRADE_EXECUTED,
} from './events.ts';

export interface BookKeeperPorts extends BookContentsPorts {
  readonly timers: Timers;
}

/** Keeps a book up by the events of its account. */
export interface BookKeeper {
  hear(event: StoredEvent): Promise<void>;
  /** Begins another day, if the one that the book knows is over. */
  turnDay(now: Date): Promise<void>;
  stop(): void;
}

/** How long a change of a position waits for the cash that moved with it. */
const SETTLE_MS = 50;

export function createBookKeeper(
  ports: BookKeeperPorts,
  {
    book,
    owner,
    onChange,
  }: { readonly book: AccountBook; readonly owner: Viewer; readonly onChange: () => void },
): BookKeeper {
  let cancelSettling: (() => void) | undefined;

  const settled = (): void => {
    cancelSettling?.();
    cancelSettling = undefined;
    onChange();
  };
  const settleSoon = (): void => {
    cancelSettling ??= ports.timers.after(SETTLE_MS, () => {
      book.settle();
      settled();
    });
  };
  const readDay = async (): Promise<void> => {
    const { account } = book;
    const days = await ports.days({ ...owner }, [account]);
    book.beginDay(days.get(account.id));
    onChange();
  };
  const learn = async (instrumentId: string): Promise<void> => {
    if (book.knows(instrumentId)) return;
    const wanted = { accountId: book.account.id, ids: [instrumentId] };
    const found = await readInstruments(ports, { ...owner }, wanted);
    for (const [id, instrument] of found) book.learn(id, instrument);
  };

  return {
    async hear({ type, payload }) {
      if (type === TRADE_EXECUTED) book.traded(parseTradeExecuted(payload));
      if (type === POSITION_CHANGED) {
        const position = parsePositionChanged(payload);
        await learn(position.instrumentId);
        book.positionChanged(position);
        settleSoon();
      }
      if (type !== BALANCE_CHANGED) return;
      const isUnexplained = book.balanceChanged(parseBalanceChanged(payload));
      settled();
      if (isUnexplained) await readDay();
    },
    async turnDay(now) {
      const { account, day } = book;
      if (!day) return;
      const midnight = DateTime.fromJSDate(now, { zone: account.zone }).startOf('day').toJSDate();
      if (day.startedAt >= midnight) return;
      // Yesterday's begin says nothing of today.
      book.beginDay(undefined);
      await readDay();
    },
    stop: () => cancelSettling?.(),
  };
}
