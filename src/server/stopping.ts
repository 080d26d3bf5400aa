import { Server as NetServer } from 'node:net';
import type { Server } from 'node:http';
import type { Timers } from '../services/platform/timers.ts';

export interface StoppingPorts {
  readonly server: Server;
  readonly timers: Timers;
  /** How long who asks for the health is let know before the door is closed. */
  readonly noticeMs: number;
  readonly graceMs: number;
  /** Lets nothing new into the streams. */
  readonly hold: () => void;
  /** Whether all that waited in the streams has left the process. */
  readonly isFlushed: () => boolean;
  /** Ends the streams and the sockets, each when it is answered; called again for those that come late. */
  readonly endStreams: () => void;
  /** Cuts off what is still there. */
  readonly terminate: () => void;
}

/** How long readers who read are waited for, and proxies that hold connections to be used again. */
const FLUSH_MS = 2_000;
const LINGER_MS = 1_000;
const LOOK_MS = 20;
/** Turns of the event loop without a new connection: the first may have been half over. */
const QUIET_TURNS = 2;
/** A turn that took longer had much to do behind its look at the door, where others came meanwhile. */
const SHORT_TURN_MS = 0.5;
/** For how long such a turn is waited for: a server that is busy throughout has none. */
const QUIET_WAIT_MS = 500;

/**
 * Stops a server so that nobody notices behind a proxy: lets in who is at the door and takes no more
 * connections, lets what waits in the streams be read, ends these, answers what is under way, and then
 * closes idle connections. After the grace time all that is left is cut off. Meanwhile each answer
 * should say `Connection: close`.
 */
export async function stopServer(ports: StoppingPorts): Promise<void> {
  const { server, timers, noticeMs, graceMs, hold, isFlushed, endStreams, terminate } = ports;
  if (noticeMs > 0) await new Promise<void>((resolve) => void timers.after(noticeMs, resolve));
  let isOver = false;
  const stopWaiting = timers.after(graceMs, () => {
    isOver = true;
    terminate();
    server.closeAllConnections();
  });
  hold();
  await untilNobodyKnocks(server, () => isOver);
  // Node's own would close idle connections at once, which proxies may be about to use again.
  const close = NetServer.prototype.close.bind(server);
  const closed = new Promise<void>((resolve) => close(() => resolve()));
  let isEmpty = false;
  void closed.then(() => (isEmpty = true));
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

  await until(isFlushed, Math.min(FLUSH_MS, graceMs / 2));
  endStreams();
  const stopEnding = timers.every(LOOK_MS, endStreams);
  // Only now: a proxy keeps the connections of streams that have just ended, and uses these first.
  await until(() => isEmpty, Math.min(LINGER_MS, graceMs / 2));
  // A connection that is kept alive becomes idle only when its last answer is out.
  const stopClosing = timers.every(LOOK_MS, () => {
    closeIdle(server);
  });
  await closed;
  stopEnding();
  stopClosing();
  stopWaiting();
}

/**
 * Resolves in a turn of the event loop in which nobody waits to be let in. The system has greeted those
 * who wait, so that they have sent their requests, and would reset them when the door is closed.
 */
async function untilNobodyKnocks(server: Server, isOver: () => boolean): Promise<void> {
  let quietTurns = 0;
  const onKnock = (): void => {
    quietTurns = 0;
  };
  server.on('connection', onKnock);
  const lastMs = performance.now() + QUIET_WAIT_MS;
  while (quietTurns < QUIET_TURNS && !isOver()) {
    quietTurns += 1;
    const beganMs = performance.now();
    await new Promise(setImmediate);
    const endMs = performance.now();
    if (endMs - beganMs > SHORT_TURN_MS && endMs < lastMs) quietTurns = 0;
  }
  server.off('connection', onKnock);
}

/** Behind the turn's reading: a request that has arrived meanwhile makes its connection one in use. */
function closeIdle(server: Server): void {
  setImmediate(() => {
    server.closeIdleConnections();
  });
}
