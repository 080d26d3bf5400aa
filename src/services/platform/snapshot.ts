import type { SnapshotClient, Tx } from './database.ts';
import type { Ask, ReadTransaction } from './read-transaction.ts';
import type { Viewer } from './viewer.ts';

/** How reads begin. */
interface SnapshotPorts {
  /** One that takes a connection at its first question. */
  readonly open: (viewer: Viewer) => ReadTransaction;
  /** Runs `work` with Prisma in a read that is under way, as long as that goes on. */
  readonly join: <T>(read: ReadTransaction, work: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly modelNames: readonly string[];
}

/** A read of one state, with Prisma's part in it once that is asked for. */
interface Reading {
  readonly read: ReadTransaction;
  tx: Promise<Tx> | undefined;
  /** Ends Prisma's part. */
  release: () => void;
}

/** The snapshot of one request: `open` while a transaction is held, none before the first read. */
interface Snapshot {
  open: Reading | undefined;
}

/**
 * Keeps one read transaction for each viewer object between `begin` and `end`, opened at the first
 * read. All reads of a request then see one state of the database and take one connection, those of
 * Prisma and those past it.
 */
export function createSnapshots({ open, join, modelNames }: SnapshotPorts) {
  const snapshots = new WeakMap<Viewer, Snapshot>();
  const delegateNames = new Set(
    modelNames.map((name) => name.charAt(0).toLowerCase() + name.slice(1)),
  );
  const begin = (viewer: Viewer): Reading => ({
    ...{ read: open(viewer), tx: undefined, release: () => undefined },
  });

  /** In the viewer's snapshot, or in a short one that ends with the work. */
  const inReading = async <T>(
    viewer: Viewer,
    work: (reading: Reading) => Promise<T>,
  ): Promise<T> => {
    const snapshot = snapshots.get(viewer);
    if (snapshot) {
      snapshot.open ??= begin(viewer);
      return work(snapshot.open);
    }
    const reading = begin(viewer);
    try {
      return await work(reading);
    } finally {
      end(reading);
    }
  };

  const run = <T>(viewer: Viewer, work: (tx: Tx) => Promise<T>): Promise<T> =>
    inReading(viewer, async (reading) => {
      reading.tx ??= hold(reading, join);
      return work(await reading.tx);
    });

  /** Ends the transaction; the next read opens another. */
  const pause = (viewer: Viewer): Promise<void> => {
    const snapshot = snapshots.get(viewer);
    if (snapshot?.open) end(snapshot.open);
    if (snapshot) snapshot.open = undefined;
    return Promise.resolve();
  };

  return {
    run,
    read: <T>(viewer: Viewer, work: (ask: Ask) => Promise<T>): Promise<T> =>
      inReading(viewer, ({ read }) => work(read.ask)),
    pause,
    begin(viewer: Viewer): void {
      if (!snapshots.has(viewer)) snapshots.set(viewer, { open: undefined });
    },
    end(viewer: Viewer): Promise<void> {
      const ended = pause(viewer);
      snapshots.delete(viewer);
      return ended;
    },
    clientFor: (viewer: Viewer): SnapshotClient =>
      createClient(delegateNames, (work) => run(viewer, work)),
  };
}

function end({ read, release }: Reading): void {
  release();
  read.end();
}

/** Has Prisma join, and keeps it there, since it leaves as soon as its callback returns. */
function hold(reading: Reading, join: SnapshotPorts['join']): Promise<Tx> {
  const joined = Promise.withResolvers<Tx>();
  const released = Promise.withResolvers<undefined>();
  reading.release = () => {
    released.resolve(undefined);
  };
  // A failure to join is told to whoever awaits it; one that comes later, to those who ask.
  join(reading.read, (tx) => {
    joined.resolve(tx);
    return released.promise;
  }).catch((error: unknown) => {
    joined.reject(error);
  });
  joined.promise.catch(() => undefined);
  return joined.promise;
}

type Operation = (args: unknown) => Promise<unknown>;

/**
 * A client with the delegates that Pothos calls (`client.order.findMany(…)`), each of which runs in
 * the transaction that `run` hands out. A request asks for few of them: each is made when it is.
 */
function createClient(
  modelNames: ReadonlySet<string>,
  run: (work: (tx: Tx) => Promise<unknown>) => Promise<unknown>,
): SnapshotClient {
  const delegateOf = (name: string) =>
    new Proxy(
      {},
      {
        get: (_target, operation: string) => (args: unknown) =>
          run((tx) => {
            const models = tx as unknown as Record<string, Record<string, Operation>>;
            const method = models[name]?.[operation];
            if (!method) throw new Error(`Prisma has no ${name}.${operation}.`);
            return method(args);
          }),
      },
    );
  const delegates = new Map<string, object>();
  const client = new Proxy(
    {},
    {
      has: (_target, name) => typeof name === 'string' && modelNames.has(name),
      get(_target, name) {
        if (typeof name !== 'string' || !modelNames.has(name)) return undefined;
        const delegate = delegates.get(name) ?? delegateOf(name);
        delegates.set(name, delegate);
        return delegate;
      },
    },
  );
  return client as unknown as SnapshotClient;
}
