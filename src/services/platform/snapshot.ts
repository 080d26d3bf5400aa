import type { SnapshotClient, Tx } from './database.ts';
import type { Viewer } from './viewer.ts';

type Read = <T>(viewer: Viewer, work: (tx: Tx) => Promise<T>) => Promise<T>;

/** A read transaction that is held open until it is closed. */
interface OpenTransaction {
  readonly tx: Promise<Tx>;
  close(): Promise<void>;
}

/** The snapshot of one request: `open` while a transaction is held, none before the first read. */
interface Snapshot {
  open: OpenTransaction | undefined;
}

/**
 * Keeps one read transaction for each viewer object between `begin` and `end`, opened at the first
 * read. All reads of a request then see one state of the database and take one connection.
 */
export function createSnapshots(read: Read, modelNames: readonly string[]) {
  const snapshots = new WeakMap<Viewer, Snapshot>();
  const delegateNames = new Set(
    modelNames.map((name) => name.charAt(0).toLowerCase() + name.slice(1)),
  );

  const transactionOf = (viewer: Viewer): Promise<Tx> | undefined => {
    const snapshot = snapshots.get(viewer);
    if (!snapshot) return undefined;
    snapshot.open ??= hold(read, viewer);
    return snapshot.open.tx;
  };

  const run = async <T>(viewer: Viewer, work: (tx: Tx) => Promise<T>): Promise<T> => {
    const tx = transactionOf(viewer);
    return tx ? work(await tx) : read(viewer, work);
  };

  /** Closes the transaction; the next read opens another. */
  const pause = async (viewer: Viewer): Promise<void> => {
    const snapshot = snapshots.get(viewer);
    const open = snapshot?.open;
    if (!snapshot || !open) return;
    snapshot.open = undefined;
    await open.close();
  };

  return {
    read: run,
    pause,
    begin(viewer: Viewer): void {
      if (!snapshots.has(viewer)) snapshots.set(viewer, { open: undefined });
    },
    async end(viewer: Viewer): Promise<void> {
      await pause(viewer);
      snapshots.delete(viewer);
    },
    clientFor: (viewer: Viewer): SnapshotClient =>
      createClient(delegateNames, (work) => run(viewer, work)),
  };
}

/** Opens a transaction and keeps it, since Prisma ends one as soon as its callback returns. */
function hold(read: Read, viewer: Viewer): OpenTransaction {
  const opened = Promise.withResolvers<Tx>();
  const released = Promise.withResolvers<undefined>();
  const finished = read(viewer, (tx) => {
    opened.resolve(tx);
    return released.promise;
  });
  finished.catch((error: unknown) => {
    opened.reject(error);
  });
  // A failure to open is told to whoever awaits `tx`; unread, it must not end the process.
  opened.promise.catch(() => undefined);
  return {
    tx: opened.promise,
    async close() {
      released.resolve(undefined);
      // A transaction that failed or timed out has nothing to commit: its readers were told.
      await finished.catch(() => undefined);
    },
  };
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
