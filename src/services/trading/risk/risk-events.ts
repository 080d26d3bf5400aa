import type { OwnEvent, OwnEvents, OwnItem } from '../../accounts/own-events.ts';
import { toOwnEvent } from '../../accounts/own-events.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database.ts';
import { NotFound } from '../../platform/errors.ts';
import type { Streams } from '../../platform/event-log/streams.ts';
import { mapStream, openLater } from '../../platform/live-iterator.ts';
import { requireUser, type Viewer } from '../../platform/viewer.ts';
import { accountTopic } from '../../portfolio/events.ts';
import type { Portfolios } from '../../portfolio/portfolios.ts';
import {
  DEPLOYMENT_TOPIC,
  KILL_SWITCH_CHANGED,
  parseRiskNews,
  RISK_LIMITS_CHANGED,
  type RiskNews,
} from './risk-news.ts';
import { DEPLOYMENT } from './risk-target.ts';

export interface RiskEventsFilter {
  /** The viewer's own, and those of all their accounts, when it is left out. */
  readonly accountId?: string | undefined;
  /** Resume after this event; without it the current state comes first. */
  readonly after?: bigint | undefined;
}

/**
 * Kill switches and limits as they change, live and resumable: whoever changed them. Those of the
 * deployment are everybody's, and so a stream apart: their events have another order than a
 * person's own.
 */
export interface RiskEvents {
  /**
   * The viewer's. Without `after` the switches that are on and the limits that are set come first,
   * at most the newest 100 of each. The first `next()` rejects with NotFound for an account that is
   * not the viewer's; later ones with Revoked when the session ends.
   */
  own(viewer: Viewer, filter: RiskEventsFilter): AsyncIterableIterator<OwnItem<RiskNews>>;
  /** Those of the deployment, for whoever is logged in; without `after` its switch first. */
  deployment(
    viewer: Viewer,
    filter: Pick<RiskEventsFilter, 'after'>,
  ): AsyncIterableIterator<OwnItem<RiskNews>>;
}

const FIRST_MAX = 100;
const TYPES = [KILL_SWITCH_CHANGED, RISK_LIMITS_CHANGED];

export interface RiskEventsPorts {
  readonly db: Database;
  readonly streams: Streams;
  readonly ownEvents: Pick<OwnEvents, 'follow'>;
  readonly portfolios: Pick<Portfolios, 'list'>;
  readonly clock: Clock;
}

export function createRiskEvents(ports: RiskEventsPorts): RiskEvents {
  const { db, streams, ownEvents, portfolios } = ports;
  return {
    own: (viewer, { accountId, after }) =>
      ownEvents.follow<RiskNews>(viewer, {
        types: TYPES,
        parse: parseRiskNews,
        after,
        async begin(reader, head) {
          if (accountId !== undefined) {
            const found = await portfolios.list(reader, { where: { id: accountId }, take: 1 });
            if (found.length === 0) throw new NotFound('Account');
          }
          return {
            topic: accountId === undefined ? undefined : accountTopic(accountId),
            current: () => readOwn(ports, reader, { accountId, head }),
          };
        },
      }),

    deployment: (viewer, { after }) =>
      openLater(async () => {
        requireUser(viewer);
        const reader = { ...viewer };
        db.beginSnapshot(reader);
        try {
          const head = await streams.head(reader);
          const first = after === undefined ? await readDeployment(ports, reader, head) : [];
          const source = { topic: DEPLOYMENT_TOPIC };
          const events = streams.durable(viewer, source, { types: TYPES, after: after ?? head });
          const rest = mapStream(events, (item) =>
            item.kind === 'gap' ? item : toOwnEvent(item.event, parseRiskNews),
          );
          return { first, rest };
        } finally {
          await db.endSnapshot(reader);
        }
      }),
  };
}

type Ports = Pick<RiskEventsPorts, 'db' | 'clock'>;
type Items = readonly OwnEvent<RiskNews>[];

async function readOwn(
  { db }: Ports,
  reader: Viewer,
  { accountId, head: cursor }: { readonly accountId: string | undefined; readonly head: bigint },
): Promise<Items> {
  const { userId: ownerId } = requireUser(reader);
  const where = { ownerId, ...(accountId !== undefined && { accountId }) };
  const [switches, limits] = await db.snapshot(reader, async (tx) => [
    await tx.killSwitch.findMany({
      where: { ...where, isOn: true },
      orderBy: [{ changedAt: 'desc' }, { id: 'desc' }],
      take: FIRST_MAX,
    }),
    await tx.riskLimits.findMany({
      where,
      orderBy: [{ updatedAt: 'desc' }, { id: 'desc' }],
      take: FIRST_MAX,
    }),
  ]);
  return [
    ...switches.map((killSwitch) => ({
      ...({ kind: 'event', cursor, occurredAt: killSwitch.changedAt } as const),
      row: { kind: 'switch', killSwitch } as const,
    })),
    ...limits.map((row) => ({
      ...({ kind: 'event', cursor, occurredAt: row.updatedAt } as const),
      row: { kind: 'limits', limits: row } as const,
    })),
  ];
}

/** A switch that was never turned is off. */
async function readDeployment(
  { db, clock }: Ports,
  reader: Viewer,
  cursor: bigint,
): Promise<Items> {
  const found = await db.snapshot(reader, (tx) => tx.killSwitch.findFirst({ where: DEPLOYMENT }));
  const changedAt = found?.changedAt ?? clock.now();
  const killSwitch = found ?? { ...DEPLOYMENT, isOn: false, reason: null, changedAt };
  return [{ kind: 'event', cursor, occurredAt: changedAt, row: { kind: 'switch', killSwitch } }];
}
