import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

/** What a webhook sends. */
export interface WebhookEvent {
  /** Such as `TradeExecuted`, or `StreamGap` where events are missing: load the state anew then. */
  readonly type: string;
  readonly timestamp: string;
  /** For `replayWebhook`, or `events(after:)`. A gap has none. */
  readonly cursor?: string;
  readonly version: number;
  /** Null for what is longer than 64 KiB: ask the graph for it. */
  readonly data: Readonly<Record<string, unknown>> | null;
}

/** An event comes again when an answer was lost: keep more of this in a database if you must. */
const REMEMBERED_MAX = 10_000;

/**
 * A server for one webhook: what is not signed with the secret is refused, and what comes twice is taken
 * once. What `take` throws for is answered with 500, and comes again.
 */
export function createWebhookReceiver(
  secret: string,
  take: (event: WebhookEvent) => void | Promise<void>,
): Server {
  const webhook = new Webhook(secret);
  const taken = new Set<string>();

  const receive = async (request: IncomingMessage): Promise<number> => {
    const body = await text(request);
    const id = String(request.headers['webhook-id']);
    const event = webhook.verify(body, request.headers as Record<string, string>) as WebhookEvent;
    if (taken.has(id)) return 200;
    await take(event);
    taken.add(id);
    for (const oldest of taken) {
      if (taken.size <= REMEMBERED_MAX) break;
      taken.delete(oldest);
    }
    return 200;
  };

  return createServer((request, response) => {
    receive(request)
      .catch((error: unknown) => (error instanceof WebhookVerificationError ? 401 : 500))
      .then((status) => response.writeHead(status).end())
      .catch(() => response.destroy());
  });
}
