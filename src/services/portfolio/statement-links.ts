import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { NotFound } from '../platform/errors.ts';
import { requireUser, userViewer, type Viewer } from '../platform/viewer.ts';
import { findOwnAccount } from './own-account.ts';
import type { StatementRange } from './statement-lines.ts';
import { parseTimes, type Statements } from './statements.ts';

export interface StatementLink {
  /** Beneath the address of the server, such as `/statements/…`. Whoever has it may download. */
  readonly path: string;
  readonly expiresAt: Date;
}

export interface StatementFile {
  readonly fileName: string;
  readonly csv: AsyncIterable<string>;
}

export interface StatementLinks {
  /**
   * A link to the statement of an account of the viewer's, for five minutes, with a row in the
   * audit log. Throws NotFound else.
   */
  create(viewer: Viewer, range: StatementRange): Promise<StatementLink>;
  /**
   * What a link leads to. Throws NotFound for a token that we did not sign or that is over, and for
   * an owner who may not log in any more.
   */
  open(token: string): Promise<StatementFile>;
}

export const STATEMENT_PATH = '/statements/';

const LIFETIME_MS = 5 * 60_000;
const TOKEN_MAX_CHARACTERS = 1_000;

const claims = z.tuple([z.uuid(), z.uuid(), z.int(), z.int(), z.int()]);

export function createStatementLinks(ports: {
  readonly db: Database;
  readonly statements: Pick<Statements, 'csv'>;
  readonly audit: Audit;
  readonly clock: Clock;
  /** The first one signs; the others are known still. */
  readonly keys: readonly { readonly secret: Uint8Array }[];
}): StatementLinks {
  const { db, statements, audit, clock } = ports;
  // A key of its own for this use: no token of another kind passes for one of these, nor the
  // reverse.
  const keys = ports.keys.map(({ secret }) =>
    createHmac('sha256', secret).update('tradegraph statement links').digest(),
  );
  const [signer] = keys;
  if (!signer) throw new Error('There is no key for the links of statements.');

  return {
    async create(viewer, range) {
      const { userId } = requireUser(viewer);
      const { from, to } = parseTimes(range);
      const account = await findOwnAccount(db, viewer, range.accountId);
      // Data leaves by it, so it is written down who made it.
      await db.withViewer(viewer, (tx) =>
        audit.record(tx, viewer, {
          ...{ action: 'account.statement-linked', targetType: 'Account', targetId: account.id },
          after: { from: from.toISOString(), to: to.toISOString() },
        }),
      );
      const expiresAt = new Date(clock.now().getTime() + LIFETIME_MS);
      const times = [from, to, expiresAt].map((time) => time.getTime());
      const text = Buffer.from(JSON.stringify([userId, account.id, ...times])).toString(
        'base64url',
      );
      const token = `${text}.${macOf(signer, text).toString('base64url')}`;
      return { path: `${STATEMENT_PATH}${token}`, expiresAt };
    },

    async open(token) {
      const [userId, accountId, from, to, expiresAt] = parseToken(keys, token);
      if (clock.now().getTime() >= expiresAt) throw new NotFound('Statement');
      const viewer = userViewer({ userId, role: 'USER' });
      const isThere = await db.snapshot(viewer, async (tx) => {
        const owner = await tx.user.count({ where: { id: userId, status: 'ACTIVE' } });
        return (
          owner > 0 && (await tx.account.count({ where: { id: accountId, ownerId: userId } })) > 0
        );
      });
      if (!isThere) throw new NotFound('Statement');
      const range = { accountId, from: new Date(from), to: new Date(to) };
      return {
        fileName: `statement-${dayOf(range.from)}-${dayOf(range.to)}.csv`,
        csv: statements.csv(viewer, range),
      };
    },
  };
}

const dayOf = (time: Date): string => time.toISOString().slice(0, 10);

const macOf = (key: Uint8Array, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

function parseToken(keys: readonly Uint8Array[], token: string): z.infer<typeof claims> {
  const parts = /^([\w-]+)\.([\w-]{43})$/.exec(token.slice(0, TOKEN_MAX_CHARACTERS));
  const [, text = '', given = ''] = parts ?? [];
  const mac = Buffer.from(given, 'base64url');
  const isOurs = keys.some((key) => {
    const own = macOf(key, text);
    return own.length === mac.length && timingSafeEqual(own, mac);
  });
  if (!parts || !isOurs) throw new NotFound('Statement');
  return claims.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
}
