import { Unauthenticated } from '../platform/errors.ts';
import { soon, type Soon } from '../platform/soon.ts';
import {
  requireUser,
  userViewer,
  type AuthenticatedViewer,
  type Viewer,
} from '../platform/viewer.ts';
import { endAllSessions, endSession } from './end-session.ts';
import { logIn, type LogIn, type LogInPorts } from './log-in.ts';
import { refreshSession } from './refresh.ts';
import { createFindSession, isOpen, type FindSession } from './session-rows.ts';

export interface SessionsPorts extends LogInPorts {
  /** The session of an id, as it is now. */
  readonly findSession?: FindSession;
}

/** Of the request that brings a token. */
export type Circumstances = Partial<Pick<Viewer, 'requestId' | 'address' | 'userAgent'>>;

export type Sessions = ReturnType<typeof createSessions>;

export function createSessions(ports: SessionsPorts) {
  const { db, clock, tokens, findSession = createFindSession(db) } = ports;

  return {
    /** See {@link logIn}. */
    logIn: (viewer: Viewer, input: LogIn) => logIn(ports, viewer, input),

    /** See {@link refreshSession}. */
    refresh: (viewer: Viewer, { refreshToken }: { readonly refreshToken: string }) =>
      refreshSession(ports, viewer, refreshToken),

    /**
     * Ends the session of the viewer's token, or all that they have, and their open streams. What
     * has ended stays as it is.
     */
    async logOut(viewer: Viewer, { everywhere = false } = {}): Promise<void> {
      const self = requireUser(viewer);
      const { sessionId } = self;
      if (sessionId === null) throw new Unauthenticated();
      await db.withViewer(viewer, async (tx) => {
        if (everywhere) await endAllSessions(ports, { tx, viewer: self });
        else await endSession(ports, { tx, viewer: self, sessionId, reason: 'LOGGED_OUT' });
      });
    },

    /**
     * The viewer behind an access token, with the role of this moment, until when it is good, and
     * the head of the event log of this moment: what ends the session lies behind it.
     * Unauthenticated unless the token is ours and unexpired, its session is open, and its person
     * is active and has had no change that voids older tokens.
     */
    authenticate(
      accessToken: string,
      circumstances: Circumstances = {},
    ): Soon<{ viewer: AuthenticatedViewer; expiresAt: Date; goodUpTo: bigint }> {
      return soon(tokens.verify(accessToken), (claims) =>
        soon(findSession(claims.sessionId), (session) => {
          if (!session || !isOpen(session, claims, clock.now())) {
            throw new Unauthenticated('The session has ended. Log in again.');
          }
          const { sessionId, expiresAt } = claims;
          const { secondFactorAt, head: goodUpTo } = session;
          const viewer = userViewer(session, { ...circumstances, sessionId, secondFactorAt });
          return { viewer, expiresAt, goodUpTo };
        }),
      );
    },
  };
}
