import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { readPage, type LogPage } from '../platform/event-log/log-reader.ts';
import type { StoredEvent } from '../platform/event-log/stored-event.ts';
import type { Logger } from '../platform/logger.ts';
import type { OutsidePost } from '../platform/outside-post.ts';
import type { Prisma } from '../platform/prisma/client.ts';
import type { Random } from '../platform/random.ts';
import type { Sealing } from '../platform/sealing.ts';
import { systemViewer } from '../platform/viewer.ts';
import { failureOf, type Failure } from './failures.ts';
import { eventMessage, gapMessage, type Message } from './messages.ts';
import { pauseAfter } from './retries.ts';
import { secretBinding, signedHeaders } from './signing.ts';
import type { EndWebhook } from './webhook-ending.ts';
import type { HeldWebhook } from './held-webhook.ts';
import type { WebhookRows } from './webhook-rows.ts';

/** What an event tells, as it is sent, by the type's name; throws for one that cannot be told any more. */
export type Telling = Readonly<
  Record<string, (event: StoredEvent) => Promise<Prisma.InputJsonObject>>
>;

export interface WebhookTurnPorts {
  readonly workerDb: Database;
  readonly rows: WebhookRows;
  readonly end: EndWebhook;
  readonly telling: Telling;
  readonly post: OutsidePost;
  readonly sealing: Sealing;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Pick<Logger, 'error' | 'info'>;
}

/**
 * Sends a page of what a webhook has before it, one after the other, and lets it go. Answers with how many
 * were taken. `stopping` breaks a send off, which is no failure then.
 */
export type WebhookTurn = (held: HeldWebhook, stopping: AbortSignal) => Promise<number>;

/** So many, before another webhook has its turn. */
const PAGE_EVENTS = 50;
/** A process that slept over its lease sends nothing more; the longest send fits in. */
const SPARE_MS = 15_000;
/**
 * Without news, the cursor is moved along: events of others fall out of the log behind it, and it would look
 * as if some of its own had been lost.
 */
const LOOK_AGAIN_MS = 3_600_000;

export function createWebhookTurn(ports: WebhookTurnPorts): WebhookTurn {
  const { workerDb, rows, telling, clock, log } = ports;
  const types = Object.keys(telling);

  const read = ({ ownerId, cursor, types: wanted }: HeldWebhook): Promise<LogPage> =>
    workerDb.snapshot(systemViewer(), (tx) =>
      readPage(
        tx,
        { source: { ownerId }, types: wanted.length > 0 ? wanted : types, after: cursor },
        PAGE_EVENTS,
      ),
    );

  const tell = async ({ id }: HeldWebhook, event: StoredEvent): Promise<Message> => {
    try {
      return eventMessage(id, event, (await telling[event.type]?.(event)) ?? null);
    } catch (err) {
      // Of somebody who was deleted, or a bug: it is told that there was one, and the rest goes on.
      log.error({ err, webhookId: id, position: event.position }, 'An event cannot be told.');
      return eventMessage(id, event, null);
    }
  };

  return async (first, stopping) => {
    const send = await openSending(ports, first, stopping);
    const page = await read(first);
    let held: HeldWebhook | undefined = first;
    let count = 0;

    /** Whether it was taken, and the webhook is still ours to serve. */
    const deliver = async (message: Message, cursor: bigint): Promise<boolean> => {
      if (!held || clock.now().getTime() > held.leasedUntil.getTime() - SPARE_MS) return false;
      const isTaken = await send(held, message);
      if (!isTaken) return false;
      count += 1;
      held = await rows.advance(held, { cursor, isDelivered: true, now: clock.now() });
      return held !== undefined;
    };

    if (page.gap) {
      const gap = gapMessage(first.id, page.gap, clock.now());
      if (!(await deliver(gap, page.start))) return count;
    }
    for (const event of page.events) {
      if (!(await deliver(await tell(first, event), event.position))) return count;
    }
    const now = clock.now();
    if (page.isLast) {
      held = await rows.advance(held, { cursor: page.through, isDelivered: false, now });
    }
    const lookAgainAt = page.isLast ? new Date(now.getTime() + LOOK_AGAIN_MS) : undefined;
    if (held) await rows.release(held, { now, lookAgainAt });
    return count;
  };
}

/** Answers whether the receiver took it; else what comes next is kept. */
type Sending = (held: HeldWebhook, message: Message) => Promise<boolean>;

async function openSending(
  { rows, end, post, sealing, clock, random, log }: WebhookTurnPorts,
  { id, url }: HeldWebhook,
  stopping: AbortSignal,
): Promise<Sending> {
  const sealed = await rows.secretsOf(id, clock.now());
  const secrets = sealed.map((row) => sealing.open(row, secretBinding(row)));

  const fail = async (held: HeldWebhook, failure: Failure): Promise<void> => {
    const now = clock.now();
    const pauseMs = pauseAfter(failure, held.attempt + 1, random.next());
    if (pauseMs !== undefined) {
      await rows.retry(held, { failure, now, at: new Date(now.getTime() + pauseMs) });
    } else if (await end(held, failure, now)) {
      log.info({ webhookId: id, code: failure.code }, 'A webhook was given up.');
    }
  };

  return async (held, message) => {
    const headers = signedHeaders(message, secrets, clock.now());
    const outcome = await post({ url, headers, body: message.body }, stopping);
    const now = clock.now();
    if (outcome.kind === 'STOPPED') {
      await rows.release(held, { now, lookAgainAt: now });
      return false;
    }
    const failure = failureOf(outcome, now);
    if (!failure) return true;
    await fail(held, failure);
    return false;
  };
}
