import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { EventBus } from '../event-bus/event-bus.ts';
import type { Logger } from '../logger.ts';
import { systemTimers, type Timers } from '../timers.ts';
import { createBell } from './bell.ts';
import { encodeMoved, type MovedEvent } from './event-message.ts';
import { encodeHead } from './head-message.ts';
import { openRelayConnection, type RelayConnection } from './relay-connection.ts';
import { channelOf, HEAD_CHANNEL } from './stored-event.ts';

export interface RelayPorts {
  /** Of the worker's role. */
  readonly url: string;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timers?: Timers;
  /** How many events are moved at once. */
  readonly batchSize?: number;
}

/** Moves committed events from the outbox to the log, and then tells them on the bus. */
export interface Relay {
  /** Rejects when the database cannot be reached now; once started, it reconnects by itself. */
  start(): Promise<void>;
  /** Something was committed: move it now, not at the next poll. Cheap; call it after each commit. */
  wake(): void;
  /** Finishes the batch at hand and disconnects. */
  stop(): Promise<void>;
}

const BATCH_EVENTS = 1_000;
const POLL_MS = 100;
const HEAD_MS = 1_000;
/** Commits that come within this time share a batch. */
const GATHER_MS = 5;
/**
 * Where batches take long, more share one: a batch costs the database the same whether it holds one
 * event or ten, so the relay takes a quarter of a busy machine's time at most.
 */
const GATHER_BATCHES = 4;
const GATHER_MAX_MS = 25;
/** What was moved is dead weight, over which each look into the outbox has to step. */
const SWEEP_EVENTS = 5_000;
const BACKOFF_MIN_MS = 50;
const BACKOFF_MAX_MS = 5_000;
const STOP_TIMEOUT_MS = 3_000;
const PUBLISH_SLICE = 32;

/**
 * Any number of relays may run at once; the database lets one move at a time. What one had committed
 * and not told when it fell is in the log: each second the head is told, with the channels that had
 * events since, and readers look up what they miss.
 */
export function createRelay(ports: RelayPorts): Relay {
  const { bus, clock, log, timers = systemTimers, batchSize = BATCH_EVENTS } = ports;
  const [bell, stopBell] = [createBell(timers), createBell(timers)];
  let connection: RelayConnection | undefined;
  let running: Promise<void> | undefined;
  let isStopping = false;
  let isHeadDue = true;
  const [tellHead, sweepAfter] = [createHeadTeller(bus), createSweeper()];

  /** Works until it is stopped; throws when the connection fails. `onMoved` hears of each success. */
  const work = async (open: RelayConnection, onMoved: () => void): Promise<void> => {
    while (!isStopping) {
      const startedMs = clock.now().getTime();
      const moved = await open.move(batchSize, clock.now());
      const nextMs = nextBatchMs(startedMs, clock.now().getTime());
      onMoved();
      await publishAll(bus, moved);
      await sweepAfter(open, moved.length);
      if (isHeadDue) {
        isHeadDue = false;
        await tellHead(open);
      }
      if (moved.length === batchSize) continue;
      await bell.wait(POLL_MS);
      await pause(timers, nextMs - clock.now().getTime());
    }
  };

  const open = () => openRelayConnection({ url: ports.url, onNews: bell.ring });
  const run = async (): Promise<void> => {
    let failures = 0;
    while (!isStopping) {
      try {
        connection ??= await open();
        await work(connection, () => {
          if (failures > 0) log.info({ failures }, 'The event relay works again.');
          failures = 0;
        });
      } catch (error) {
        if (failures === 0) log.warn({ err: error }, 'The event relay lost its database.');
        failures += 1;
      }
      await connection?.close().catch(() => undefined);
      connection = undefined;
      const backoffMs = Math.min(BACKOFF_MIN_MS * 2 ** Math.min(failures, 10), BACKOFF_MAX_MS);
      if (failures > 0) await stopBell.wait(backoffMs);
    }
  };

  return {
    async start() {
      if (running) return;
      isStopping = false;
      connection = await open();
      isHeadDue = true;
      const stopHeads = timers.every(HEAD_MS, () => {
        isHeadDue = true;
        bell.ring();
      });
      running = run().finally(stopHeads);
    },
    wake: bell.ring,
    async stop() {
      if (!running) return;
      isStopping = true;
      bell.ring();
      stopBell.ring();
      // A database that does not answer must not hold up the end of the process.
      const cancel = timers.after(STOP_TIMEOUT_MS, () => void connection?.close());
      await running;
      cancel();
      running = undefined;
    },
  };
}

/** When the batch after one of these times may begin. */
function nextBatchMs(startedMs: number, endedMs: number): number {
  const gatherMs = Math.max(GATHER_MS, GATHER_BATCHES * (endedMs - startedMs));
  return startedMs + Math.min(gatherMs, GATHER_MAX_MS);
}

/** Sweeps the outbox after each so many events that were moved. */
function createSweeper(): (open: RelayConnection, movedCount: number) => Promise<void> {
  let unsweptCount = 0;
  return async (open, movedCount) => {
    unsweptCount += movedCount;
    if (unsweptCount < SWEEP_EVENTS) return;
    unsweptCount = 0;
    await open.sweep();
  };
}

/** Tells the head of the log, and the channels that had events since it was told last. */
function createHeadTeller(bus: EventBus): (open: RelayConnection) => Promise<void> {
  let told: bigint | undefined;
  return async (open) => {
    const head = await open.head(told);
    told = head.position;
    await bus.publish(HEAD_CHANNEL, encodeHead(head));
  };
}

/**
 * Tells the events in order, each on the channel of its topic and on that of its owner. In slices:
 * between them the readers of this process get their turn, who would else look slow in a large batch.
 */
async function publishAll(bus: EventBus, moved: readonly MovedEvent[]): Promise<void> {
  for (let start = 0; start < moved.length; start += PUBLISH_SLICE) {
    if (start > 0) await setImmediate();
    const slice = moved.slice(start, start + PUBLISH_SLICE);
    await Promise.all(slice.flatMap((item) => publish(bus, item)));
  }
}

function publish(bus: EventBus, moved: MovedEvent): Promise<void>[] {
  const message = encodeMoved(moved);
  const { topic, ownerId } = moved.event;
  const published = [bus.publish(channelOf({ topic }), message)];
  if (ownerId !== null) published.push(bus.publish(channelOf({ ownerId }), message));
  return published;
}

/** Not for longer than events are gathered, wherever the clock has gone meanwhile. */
async function pause(timers: Timers, durationMs: number): Promise<void> {
  if (durationMs <= 0 || durationMs > GATHER_MAX_MS) return;
  await new Promise<void>((resolve) => void timers.after(durationMs, resolve));
}
