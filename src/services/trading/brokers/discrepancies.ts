import { Prisma } from '../../platform/prisma/client.ts';
import { appendEvents, type NewEvent } from '../../platform/outbox.ts';
import { toPayload } from '../../platform/payload.ts';
import { systemViewer } from '../../platform/viewer.ts';
import { accountTopic } from '../../portfolio/events.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import type { Ids } from '../../platform/ids.ts';
import type { BrokerConnection, BrokerDiscrepancy } from '../../platform/prisma/client.ts';

/** Something about which our books and a venue's do not agree. */
export type Finding = Pick<BrokerDiscrepancy, 'kind' | 'subject' | 'ours' | 'theirs'>;

export interface Discrepancies {
  /**
   * Writes down all that is found now: what is new is noticed, what is not found any more is
   * resolved, and the rest brought up to date. Each change is told as an event of the account.
   */
  settle(connection: BrokerConnection, findings: readonly Finding[]): Promise<void>;
}

const keyOf = ({ kind, subject }: Pick<Finding, 'kind' | 'subject'>): string =>
  `${kind} ${subject}`;

export function createDiscrepancies({
  workerDb,
  clock,
  ids,
}: {
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly ids: Ids;
}): Discrepancies {
  return {
    settle: ({ accountId, ownerId }, findings) =>
      workerDb.withViewer(systemViewer(), async (tx) => {
        const now = clock.now();
        const open = await tx.brokerDiscrepancy.findMany({
          where: { accountId, resolvedAt: null },
        });
        const found = new Map(findings.map((finding) => [keyOf(finding), finding]));
        const events: NewEvent[] = [];
        for (const row of open) {
          const finding = found.get(keyOf(row));
          found.delete(keyOf(row));
          const isSame = finding?.ours === row.ours && finding.theirs === row.theirs;
          if (isSame) continue;
          const data = finding ?? { resolvedAt: now };
          const after = await tx.brokerDiscrepancy.update({ where: { id: row.id }, data });
          events.push(eventOf(after, now));
        }
        for (const finding of found.values()) {
          const row = { id: ids.next(), ownerId, accountId, ...finding };
          // Another that reconciles at once has noticed it as well: the index lets one of them in.
          const made = await tx.$executeRaw`
            INSERT INTO broker_discrepancies (id, owner_id, account_id, kind, subject, ours, theirs, noticed_at)
            VALUES (${row.id}::uuid, ${ownerId}::uuid, ${accountId}::uuid,
              ${Prisma.sql`${row.kind}::discrepancy_kind`}, ${row.subject}, ${row.ours},
              ${row.theirs}, ${now})
            ON CONFLICT DO NOTHING`;
          if (made === 1) events.push(eventOf({ ...row, noticedAt: now, resolvedAt: null }, now));
        }
        await appendEvents(tx, events);
      }),
  };
}

function eventOf(row: BrokerDiscrepancy, occurredAt: Date): NewEvent {
  return {
    topic: accountTopic(row.accountId),
    ownerId: row.ownerId,
    type: row.resolvedAt ? 'BrokerDiscrepancyResolved' : 'BrokerDiscrepancyNoticed',
    version: 1,
    payload: toPayload({ ...row }),
    occurredAt,
  };
}
