import { requireCapability } from '../accounts/capabilities.ts';
import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import { Forbidden, InvalidInput } from '../platform/errors.ts';
import { idempotent } from '../platform/idempotency.ts';
import { toText, type Decimal } from '../platform/money.ts';
import { isOnPaper } from '../platform/owner-filter.ts';
import type { Account, Prisma } from '../platform/prisma/client.ts';
import { systemViewer, type AuthenticatedViewer, type Viewer } from '../platform/viewer.ts';
import {
  parseAccountName,
  parseCurrency,
  parseFillSettings,
  parseStartingCash,
  parseZone,
  type FillSettings,
} from './account-settings.ts';
import { AccountLimit } from './errors.ts';
import { closeAccount, updateAccount } from './account-changes.ts';
import { findOwnAccount } from './own-account.ts';
import type { OrderClearance } from './order-clearance.ts';
import type { Portfolios } from './portfolios.ts';

export interface CreateAccount {
  readonly name: string;
  /** One at a broker needs the broker: it is opened where its connection is made. */
  readonly kind: 'PAPER' | 'EXTERNAL';
  readonly currency: string;
  readonly startingCash: Decimal;
  /** `America/Chicago` when it is left out. */
  readonly zone?: string;
  readonly fills?: Partial<FillSettings>;
  readonly idempotencyKey: string;
}

export interface UpdateAccount {
  readonly accountId: string;
  readonly name?: string;
  readonly fills?: Partial<FillSettings>;
  readonly idempotencyKey: string;
}

export interface CloseAccount {
  readonly accountId: string;
  readonly idempotencyKey: string;
}

/**
 * What people do with their accounts. From USER on; each write once for its key, with a row in the
 * audit log. An account that is not the viewer's is NotFound, for administrators too.
 */
export interface OwnAccounts {
  /**
   * Opens an account with its starting cash. Throws AccountLimit past so many open ones that no
   * model trades, InvalidInput for a setting out of range, and Forbidden for a test key that wants
   * another than a paper one.
   */
  create(viewer: Viewer, command: CreateAccount): Promise<Account>;
  /** Changes the name, and how it trades on paper. Throws AccountClosed. */
  update(viewer: Viewer, command: UpdateAccount): Promise<Account>;
  /**
   * Closes an account for good: it takes no orders and is kept. Throws AccountNotEmpty while orders
   * or positions are open, AccountOfModel, and AccountClosed.
   */
  close(viewer: Viewer, command: CloseAccount): Promise<Account>;
}

export interface OwnAccountsPorts {
  readonly db: Database;
  /** Books what the server's role may not: money of accounts that are not on paper. */
  readonly workerDb: Database;
  readonly portfolios: Pick<Portfolios, 'open'>;
  readonly clearance: Pick<OrderClearance, 'countWorking'>;
  readonly audit: Audit;
  readonly clock: Clock;
  /** Open accounts that one person may have beside those of models. */
  readonly accountsMax: number;
}

const ZONE = 'America/Chicago';

export function createOwnAccounts(ports: OwnAccountsPorts): OwnAccounts {
  const { db, workerDb, clock } = ports;

  const newest = (viewer: Viewer, accountId: string): Promise<Account> =>
    db.snapshot(viewer, (tx) => tx.account.findUniqueOrThrow({ where: { id: accountId } }));

  return {
    async create(viewer, { idempotencyKey: key, ...command }) {
      const owner = requireCapability(viewer, 'TRADE');
      const { userId: ownerId } = owner;
      const parsed = parseNewAccount(owner, command);
      const asked = { ownerId, operation: 'createAccount', key, command: wordsOf(parsed) };
      const work = (tx: Tx) =>
        idempotent(tx, { ...asked, now: clock.now() }, async () => {
          await assertRoom(tx, ownerId, ports.accountsMax);
          const account = await ports.portfolios.open(tx, {
            ...parsed,
            ownerId,
            occurredAt: clock.now(),
          });
          const after = wordsOf(parsed);
          const target = { targetType: 'Account', targetId: account.id } as const;
          await ports.audit.record(tx, viewer, { action: 'account.opened', ...target, after });
          return { accountId: account.id };
        });
      // The server's role moves money on paper alone.
      const { outcome } = await (parsed.kind === 'PAPER'
        ? db.withViewer(viewer, work)
        : workerDb.withViewer(systemViewer(), work));
      return newest(viewer, outcome.accountId);
    },

    async update(viewer, { accountId, idempotencyKey: key, name, fills }) {
      const { userId: ownerId } = requireCapability(viewer, 'TRADE');
      const parsed = {
        ...(name !== undefined && { name: parseAccountName(name) }),
        ...(fills && { fills: parseFillSettings(fills) }),
      };
      const account = await findOwnAccount(db, viewer, accountId);
      const command = { accountId, name: parsed.name ?? null, fills: fillWordsOf(parsed.fills) };
      const asked = { ownerId, operation: 'updateAccount', key, command, now: clock.now() };
      await db.withViewer(viewer, (tx) =>
        idempotent(tx, asked, () => updateAccount(tx, ports, { viewer, account, ...parsed })),
      );
      return newest(viewer, accountId);
    },

    async close(viewer, { accountId, idempotencyKey: key }) {
      const { userId: ownerId } = requireCapability(viewer, 'TRADE');
      const account = await findOwnAccount(db, viewer, accountId);
      const command = { ownerId, operation: 'closeAccount', key, command: { accountId } };
      await db.withViewer(viewer, (tx) =>
        idempotent(tx, { ...command, now: clock.now() }, () =>
          closeAccount(tx, ports, { viewer, account }),
        ),
      );
      return newest(viewer, accountId);
    },
  };
}

function parseNewAccount(
  owner: AuthenticatedViewer,
  command: Omit<CreateAccount, 'idempotencyKey'>,
) {
  const { kind, fills = {} } = command;
  if (kind !== 'PAPER' && isOnPaper(owner)) {
    throw new Forbidden('A key for tests opens accounts on paper alone.');
  }
  if (kind !== 'PAPER' && Object.keys(fills).length > 0) {
    throw new InvalidInput('kind', 'How fills are reckoned is for accounts on paper.');
  }
  const currency = parseCurrency(command.currency);
  return {
    name: parseAccountName(command.name),
    kind,
    currency,
    zone: parseZone(command.zone ?? ZONE),
    startingCash: parseStartingCash(command.startingCash, currency),
    fills: parseFillSettings(fills),
  };
}

/** As plain words, for the key and for the audit log: "10" and "10.0" are the same. */
function wordsOf(parsed: ReturnType<typeof parseNewAccount>) {
  const { fills, startingCash, ...texts } = parsed;
  return { ...texts, startingCash: toText(startingCash), fills: fillWordsOf(fills) };
}

function fillWordsOf(fills: Partial<FillSettings> = {}): Prisma.InputJsonObject {
  const { slippageBps, ...others } = fills;
  return { ...others, ...(slippageBps && { slippageBps: toText(slippageBps) }) };
}

/** Counts under a lock, so that of two at once none is one too many. */
async function assertRoom(tx: Tx, ownerId: string, accountsMax: number): Promise<void> {
  await tx.$executeRaw`
    SELECT pg_advisory_xact_lock(hashtextextended(${`tradegraph.accounts:${ownerId}`}, 0))`;
  const count = await tx.account.count({ where: { ownerId, modelId: null, status: 'ACTIVE' } });
  if (count >= accountsMax) throw new AccountLimit(accountsMax);
}
