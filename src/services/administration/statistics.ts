import type { AuditAction } from '../audit/audit.ts';
import { requireCapability } from '../accounts/capabilities.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { Decimal } from '../platform/money.ts';
import type { Prisma } from '../platform/prisma/client.ts';
import type { UserRole, UserStatus } from '../platform/prisma/enums.ts';
import type { Viewer } from '../platform/viewer.ts';

export interface Count<Of> {
  readonly of: Of;
  readonly count: number;
}

export interface PeopleFigures {
  readonly byStatus: readonly Count<UserStatus>[];
  /** Of those who are not gone. */
  readonly byRole: readonly Count<UserRole>[];
}

/** What there is now. */
export interface PresentFigures {
  readonly activeModels: number;
  readonly openSessions: number;
  readonly queuedMails: number;
  readonly failedMails: number;
}

/** What there was in a day, from midnight to midnight in UTC. */
export interface DayFigures {
  readonly date: Date;
  /** Orders that came in, denied ones among them. */
  readonly orders: number;
  readonly trades: number;
  readonly volumes: readonly CurrencyVolume[];
  /** Audit records of what was refused. */
  readonly refusals: number;
}

export interface CurrencyVolume {
  readonly currency: string;
  readonly trades: number;
  /** Sum of price × quantity. */
  readonly volume: Decimal;
}

export interface StorageFigures {
  readonly databaseBytes: number;
  /** The largest first. */
  readonly tables: readonly TableSize[];
}

export interface TableSize {
  readonly name: string;
  /** As PostgreSQL last estimated; 0 where it never did. */
  readonly rows: number;
  /** With its indexes and what is kept beside it. */
  readonly bytes: number;
}

type Refusal = Extract<AuditAction, `${string}refused`> | 'user.refresh-token-reused';

/** What is recorded when something is refused; one that is left out does not compile. */
const REFUSALS: Readonly<Record<Refusal, true>> = {
  'api-key.creation-refused': true,
  'api-key.refused': true,
  'approved-emails.change-refused': true,
  'corporate-action.refused': true,
  'kill-switch.change-refused': true,
  'mail.change-refused': true,
  'risk-limits.change-refused': true,
  'settings.change-refused': true,
  'user.change-refused': true,
  'user.log-in-refused': true,
  'user.password-refused': true,
  'user.refresh-token-reused': true,
  'user.second-factor-refused': true,
};
const TABLES_MAX = 100;
const DAY_MS = 24 * 60 * 60 * 1_000;

export type Statistics = ReturnType<typeof createStatistics>;

/**
 * Figures over everyone, for administrators; throws Forbidden for all others. Each is one statement
 * that reads an index or a table once: those of a day as many rows as that day had, those of people
 * one index of all people, and those of storage the catalogue.
 */
export function createStatistics({ db, clock }: { readonly db: Database; readonly clock: Clock }) {
  return {
    /** When all parts of an answer are counted. */
    begin: (day?: Date): { readonly asOf: Date; readonly day?: Date } => ({
      asOf: clock.now(),
      ...(day && { day }),
    }),

    async people(viewer: Viewer): Promise<PeopleFigures> {
      requireCapability(viewer, 'READ_EVERYONE');
      const rows = await db.snapshot(
        viewer,
        (tx) => tx.$queryRaw<{ status: UserStatus; role: UserRole; people: number }[]>`
          SELECT status::text, role::text, people::int FROM people_figures()
          ORDER BY status, role`,
      );
      const left = rows.filter(({ status }) => status !== 'DELETED');
      return {
        byStatus: sums(rows.map(({ status, people }) => ({ of: status, count: people }))),
        byRole: sums(left.map(({ role, people }) => ({ of: role, count: people }))),
      };
    },

    async present(viewer: Viewer, asOf: Date): Promise<PresentFigures> {
      requireCapability(viewer, 'READ_EVERYONE');
      const [row] = await db.snapshot(
        viewer,
        (tx) => tx.$queryRaw<PresentFigures[]>`
          SELECT active_models::int AS "activeModels", open_sessions::int AS "openSessions",
            queued_mails::int AS "queuedMails", failed_mails::int AS "failedMails"
          FROM present_figures(${asOf})`,
      );
      if (!row) throw new Error('The figures of now were refused to an administrator.');
      return row;
    },

    /** Of the day in UTC in which `date` lies. */
    async day(viewer: Viewer, date: Date): Promise<DayFigures> {
      requireCapability(viewer, 'READ_EVERYONE');
      const from = new Date(Math.floor(date.getTime() / DAY_MS) * DAY_MS);
      const to = new Date(from.getTime() + DAY_MS);
      return db.snapshot(viewer, async (tx) => {
        const [row] = await tx.$queryRaw<{ orders: number; refusals: number }[]>`
          SELECT orders::int, records::int AS refusals
          FROM day_figures(${from}, ${to}, ${Object.keys(REFUSALS)}::text[])`;
        const traded = await tx.$queryRaw<
          { currency: string; trades: number; volume: Prisma.Decimal }[]
        >`SELECT currency, trades::int, volume FROM trading_figures(${from}, ${to})`;
        if (!row) throw new Error('The figures of a day were refused to an administrator.');
        return {
          date: from,
          ...row,
          trades: traded.reduce((sum, { trades }) => sum + trades, 0),
          volumes: traded.map((each) => ({ ...each, volume: new Decimal(each.volume) })),
        };
      });
    },

    async storage(viewer: Viewer): Promise<StorageFigures> {
      requireCapability(viewer, 'READ_EVERYONE');
      return db.snapshot(viewer, async (tx) => {
        const [size] = await tx.$queryRaw<{ bytes: bigint }[]>`
          SELECT pg_database_size(current_database()) AS bytes`;
        const tables = await tx.$queryRaw<{ name: string; rows: number; bytes: bigint }[]>`
          SELECT relname::text AS name, greatest(reltuples, 0)::float8 AS rows,
            pg_total_relation_size(oid) AS bytes
          FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
          ORDER BY 3 DESC, 1 LIMIT ${TABLES_MAX}`;
        return {
          databaseBytes: Number(size?.bytes ?? 0),
          tables: tables.map((table) => ({ ...table, bytes: Number(table.bytes) })),
        };
      });
    },
  };
}

/** One count for each that occurs, in the order of their first occurrence. */
function sums<Of>(counts: readonly Count<Of>[]): Count<Of>[] {
  const totals = new Map<Of, number>();
  for (const { of, count } of counts) totals.set(of, (totals.get(of) ?? 0) + count);
  return [...totals].map(([of, count]) => ({ of, count }));
}
