import type { Database } from '../platform/database.ts';
import { HEAD_POSITION } from '../platform/event-log/head-position.ts';
import { gatherLookUps } from '../platform/gathered-look-ups.ts';
import { Prisma } from '../platform/prisma/client.ts';
import type { UserRole, UserStatus } from '../platform/prisma/enums.ts';
import type { Soon } from '../platform/soon.ts';
import type { TokenClaims } from './tokens.ts';

/** A session with its person as they are now. */
interface SessionRow {
  readonly userId: string;
  readonly role: UserRole;
  readonly status: UserStatus;
  readonly tokenVersion: number;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly secondFactorAt: Date | null;
}

/** Whether a token is good in a session: of a person who is active and has had no change since. */
export function isOpen(session: SessionRow, claims: TokenClaims, now: Date): boolean {
  return (
    session.userId === claims.userId &&
    session.tokenVersion === claims.tokenVersion &&
    session.status === 'ACTIVE' &&
    session.revokedAt === null &&
    session.expiresAt.getTime() > now.getTime()
  );
}

type SessionAtHead = SessionRow & { readonly head: bigint };

/** Finds the session of an id. */
export type FindSession = (sessionId: string) => Soon<SessionAtHead | undefined>;

/**
 * The session of an id, whoever asks: who brings a token is not known yet. With the head of the
 * event log of the same moment: what ends the session later, and so its event, lies behind it.
 */
export function createFindSession(db: Pick<Database, 'lookUp'>) {
  return gatherLookUps((ids: readonly string[]) => findSessions(db, ids));
}

async function findSessions(
  db: Pick<Database, 'lookUp'>,
  sessionIds: readonly string[],
): Promise<(SessionAtHead | undefined)[]> {
  type Row = SessionRow & { readonly place: number; readonly head: string };
  const rows = await db.lookUp<Row>(Prisma.sql`
    SELECT asked.place::int, user_id AS "userId", role::text, status::text,
      token_version AS "tokenVersion", expires_at AS "expiresAt", revoked_at AS "revokedAt",
      second_factor_at AS "secondFactorAt", ${HEAD_POSITION} AS head
    FROM unnest(${sessionIds}::uuid[]) WITH ORDINALITY AS asked (session_id, place),
      find_session(asked.session_id)`);
  const found = sessionIds.map((): SessionAtHead | undefined => undefined);
  for (const { place, head, ...session } of rows) {
    found[place - 1] = { ...session, head: BigInt(head) };
  }
  return found;
}
