import { encodeGlobalId } from '../schema/global-ids.ts';
import { roleMay } from '../services/accounts/capabilities.ts';
import { OWN_NEWS } from '../services/agents/own-news.ts';
import { createToldNews } from '../services/agents/told-news.ts';
import type { Config } from '../services/platform/config/config.ts';
import { createOutsidePost } from '../services/platform/outside-post.ts';
import { UserRole } from '../services/platform/prisma/enums.ts';
import { createRandom, randomBytes } from '../services/platform/random.ts';
import { createWebhookEnding } from '../services/webhooks/webhook-ending.ts';
import { createWebhookRows } from '../services/webhooks/webhook-rows.ts';
import { createWebhookSender, type WebhookSender } from '../services/webhooks/webhook-sender.ts';
import { createWebhookTurn } from '../services/webhooks/webhook-turn.ts';
import { createWebhooks } from '../services/webhooks/webhooks.ts';
import type { Foundation } from './foundation.ts';

/** What development sends may stay on the machine. */
const isInsideAllowed = ({ environment }: Config): boolean => environment === 'development';

/** What people do with their webhooks. */
export function createWebhookSettings(foundation: Foundation, config: Config) {
  const types = Object.keys(OWN_NEWS);
  return createWebhooks({
    ...{ ...foundation, randomBytes, types },
    isInsideAllowed: isInsideAllowed(config),
  });
}

/** Sends what they are for. */
export function createWebhookWork(foundation: Foundation, config: Config): WebhookSender {
  const { workerDb, clock, timers, sealing, logger: log } = foundation;
  const roles = Object.values(UserRole).filter((role) => roleMay(role, 'KEEP_WEBHOOKS'));
  const rows = createWebhookRows({ workerDb, roles });
  const turn = createWebhookTurn({
    ...{ workerDb, rows, sealing, clock, log },
    end: createWebhookEnding(foundation),
    telling: createToldNews({ workerDb, idOf: encodeGlobalId }),
    post: createOutsidePost({ isInsideAllowed: isInsideAllowed(config), timers }),
    random: createRandom(Buffer.from(randomBytes(4)).readUInt32LE()),
  });
  return createWebhookSender({ rows, turn, clock, timers, log });
}
