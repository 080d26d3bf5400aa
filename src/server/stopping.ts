import { Server as NetServer } from 'node:net';
import type { Server } from 'node:http';
import type { Timers } from '../services/platform/timers.ts';

export interface StoppingPorts {
  readonly server: Server;
  readonly timers: Timers;
  readonly graceMs: number;
  /** Lets nothing new into the streams. */
  readonly hold: () => void;
  /** Whether all that waited in the streams has left the process. */
  readonly isFlushed: () => boolean;
  /** Ends the streams and the sockets, each when it is answered. */
  readonly endStreams: () => void;
  /** Cuts off what is still there. */
  readonly terminate: () => void;
}

/** How long readers who read are waited for, and proxies that hold connections to be used again. */
const FLUSH_MS = 2_000;
const LINGER_MS = 500;
const LOOK_MS = 20;

/**
 * Stops a server so that nobody notices behind a proxy: takes no more connections, lets what waits in
 * the streams be read, ends these, answers what is under way, and then closes idle connections. After
 * the grace time all that is left is cut off. Meanwhile each answer should say `Connection: close`.
 */
export async function stopServer(ports: StoppingPorts): Promise<void> {
  const { server, timers, graceMs, hold, isFlushed, endStreams, terminate } = ports;
  // Node's own would close idle connections at once, which proxies may be about to use again.
  const close = NetServer.prototype.close.bind(server);
  const closed = new Promise<void>((resolve) => close(() => resolve()));
  const stopWaiting = timers.after(graceMs, () => {
    terminate();
    server.closeAllConnections();
  });
  const until = (isDone: () => boolean, mostMs: number): Promise<void> =>
    new Promise((resolve) => {
      const finish = (): void => {
        stopLooking();
        stopTimer();
        resolve();
      };
      const stopTimer = timers.after(mostMs, finish);
      const stopLooking = timers.every(LOOK_MS, () => {
        if (isDone()) finish();
      });
    });

  hold();
  const lingered = until(() => false, Math.min(LINGER_MS, graceMs / 2));
  await until(isFlushed, Math.min(FLUSH_MS, graceMs / 2));
  endStreams();
  await lingered;
  // A connection that is kept alive becomes idle only when its last answer is out.
  const stopClosing = timers.every(LOOK_MS, () => {
    server.closeIdleConnections();
  });
  await closed;
  stopClosing();
  stopWaiting();
}
