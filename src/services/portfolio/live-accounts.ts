import { z } from 'zod';
import { NotFound } from '../platform/errors.ts';
import type { Streams } from '../platform/event-log/streams.ts';
import type { Viewer } from '../platform/viewer.ts';
import { openAccountWatch, type AccountWatch, type AccountWatchPorts } from './account-watches.ts';
import type { AccountValue } from './live-value.ts';
import type { FollowValue } from '../platform/event-log/conflated-stream.ts';

export interface LiveAccountsPorts extends AccountWatchPorts {
  readonly streams: Pick<Streams, 'conflated' | 'durable' | 'head'>;
}

export interface LiveAccounts {
  /**
   * What an account is worth as quotes, trades and cash move it: at most four times a second, and
   * the newest only. The first `next()` rejects with NotFound for an account that is not the
   * viewer's.
   */
  follow(viewer: Viewer, accountId: string): AsyncIterableIterator<AccountValue, undefined>;
}

const uuid = z.uuid();

/** Each account that is followed is held in memory once, however many follow it. */
export function createLiveAccounts(ports: LiveAccountsPorts): LiveAccounts {
  const { streams, quotes, portfolios } = ports;
  const watches = new Map<string, Promise<AccountWatch>>();
  const open = new Set<AccountWatch>();
  let stopQuotes: (() => void) | undefined;

  const openWatch = async (viewer: Viewer, accountId: string): Promise<AccountWatch> => {
    const watch = await openAccountWatch(ports, viewer, accountId);
    open.add(watch);
    stopQuotes ??= quotes.onQuote(({ instrumentId }) => {
      for (const each of open) if (each.holds(instrumentId)) each.changed();
    });
    return watch;
  };

  const watchOf = (viewer: Viewer, accountId: string): Promise<AccountWatch> => {
    const known = watches.get(accountId);
    if (known) return known;
    const opening = openWatch(viewer, accountId);
    watches.set(accountId, opening);
    opening.catch(() => {
      if (watches.get(accountId) === opening) watches.delete(accountId);
    });
    return opening;
  };

  const forget = (accountId: string, watch: AccountWatch): void => {
    if (!open.delete(watch)) return;
    watches.delete(accountId);
    watch.close();
    if (open.size > 0) return;
    stopQuotes?.();
    stopQuotes = undefined;
  };

  const followAs =
    (viewer: Viewer, accountId: string): FollowValue<AccountValue> =>
    async (onChange, onEnd) => {
      if (!uuid.safeParse(accountId).success) throw new NotFound('Account');
      const found = await portfolios.list({ ...viewer }, { where: { id: accountId }, take: 1 });
      if (found.length === 0) throw new NotFound('Account');
      let watch = await watchOf(viewer, accountId);
      // The last of its readers may have left, or its events ended, since it was found.
      while (watch.isOver) {
        forget(accountId, watch);
        watch = await watchOf(viewer, accountId);
      }
      const watcher = { onChange, onEnd };
      watch.watchers.add(watcher);
      return {
        read: () => watch.read(),
        close() {
          watch.watchers.delete(watcher);
          if (watch.watchers.size === 0) forget(accountId, watch);
        },
      };
    };

  return {
    follow: (viewer, accountId) => streams.conflated(followAs(viewer, accountId)),
  };
}
