import { createDatabase } from '../../../src/services/platform/database.ts';
import { createOutsidePost } from '../../../src/services/platform/outside-post.ts';
import { createWebhookRows } from '../../../src/services/webhooks/webhook-rows.ts';
import { createWebhookTurn } from '../../../src/services/webhooks/webhook-turn.ts';

// Serves the webhook that has something to do, and is gone when its first event was taken, before it notes so.
const [url = '', time = ''] = process.argv.slice(2);
const limits = { acquireTimeoutMs: 25_000, transactionTimeoutMs: 25_000 };
const workerDb = createDatabase({ url, poolSize: 1, ...limits, statementTimeoutMs: 25_000 });
const now = new Date(time);
const rows = createWebhookRows({ workerDb, roles: ['USER'] });
const post = createOutsidePost({ isInsideAllowed: true, totalMs: 60_000, connectMs: 60_000 });
const turn = createWebhookTurn({
  ...{ workerDb, rows },
  end: () => Promise.resolve(false),
  telling: { Weighed: ({ payload }) => Promise.resolve(payload as object) },
  async post(request, signal) {
    await post(request, signal);
    process.kill(process.pid, 'SIGKILL');
    return new Promise<never>(() => undefined);
  },
  sealing: {
    sealingId: () => '',
    seal: () => ({ keyId: '', bytes: new Uint8Array() }),
    // What it is signed with is not what is looked at.
    open: () => 'whsec_AAAA',
  },
  clock: { now: () => now },
  random: { next: () => 0.5 },
  log: { info: () => undefined, error: () => undefined },
});
const held = await rows.claim(now);
if (!held) throw new Error('No webhook has anything to do.');
await turn(held, new AbortController().signal);
