import type { Services } from '../schema/context.ts';
import type { OwnEvents } from '../services/accounts/own-events.ts';
import type { Clock } from '../services/platform/clock.ts';
import type { Database } from '../services/platform/database.ts';
import type { Ids } from '../services/platform/ids.ts';
import type { Logger } from '../services/platform/logger.ts';
import type { PublicChanges } from '../services/platform/public-changes.ts';
import type { Streams } from '../services/platform/event-log/streams.ts';
import type { Timers } from '../services/platform/timers.ts';

/** What the server needs of the program; the composition root makes it. */
export interface ServerApp {
  /** With the role of the server: under row-level security. */
  readonly db: Database;
  readonly services: Services;
  readonly streams: Pick<Streams, 'flow'>;
  readonly ownEvents: Pick<OwnEvents, 'watch'>;
  readonly publicChanges: Pick<PublicChanges, 'isHeard' | 'versionOf' | 'note'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly timers: Timers;
  readonly log: Logger;
}
