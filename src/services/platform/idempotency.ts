import { createHash } from 'node:crypto';
import { IdempotencyConflict } from './errors.ts';
import type { Prisma } from './prisma/client.ts';
import type { Query } from './query.ts';
import type { Tx } from './database.ts';

export interface IdempotentCommand {
  readonly ownerId: string;
  /** Name of the mutation. */
  readonly operation: string;
  /** Given by the caller, unique within `scope`. */
  readonly key: string;
  /** Where the key is unique, such as an account; the whole of the owner's when it is left out. */
  readonly scope?: string;
  /** The parsed command; the key is bound to its hash. */
  readonly command: unknown;
  readonly now: Date;
}

/**
 * Runs `effect` once for each (owner, operation, key), in the transaction of `tx`, and answers with its
 * outcome; the same command again gets the first outcome without running it. A second request that
 * arrives at the same time waits for the first to commit. Throws {@link IdempotencyConflict} when the
 * key came with another command. A refusal is final for its key only if `effect` returns it; one that
 * is thrown rolls the key back.
 *
 * The outcome holds ids or a refusal, never a response, and must survive JSON.
 */
export async function idempotent<Outcome extends Prisma.InputJsonObject>(
  tx: Tx,
  { ownerId, operation, key: givenKey, scope, command, now }: IdempotentCommand,
  effect: () => Promise<Outcome>,
): Promise<{ readonly outcome: Outcome; readonly isReplay: boolean }> {
  const key = scope === undefined ? givenKey : `${scope}:${givenKey}`;
  const commandHash = hashOf(command);
  const inserted = await tx.$executeRaw`
    INSERT INTO idempotency_keys (owner_id, operation, key, command_hash, created_at)
    VALUES (${ownerId}::uuid, ${operation}, ${key}, ${commandHash}, ${now})
    ON CONFLICT DO NOTHING`;
  const where = { ownerId_operation_key: { ownerId, operation, key } };
  if (inserted === 0) {
    const earlier = await tx.idempotencyKey.findUniqueOrThrow({ where });
    if (earlier.commandHash !== commandHash) throw new IdempotencyConflict(givenKey);
    return { outcome: earlier.outcome as Outcome, isReplay: true };
  }
  const outcome = await effect();
  await tx.idempotencyKey.update({ where, data: { outcome } });
  return { outcome, isReplay: false };
}

/** The use of a key, for who decides before anything is stored. */
export interface KeyUse<Outcome> {
  /** Looks for an earlier use. Whoever asks has a lock that each use of the key takes before. */
  readonly lookUp: Query<EarlierUse<Outcome>>;
  /** What came of the earlier use. Throws {@link IdempotencyConflict} if it was of another command. */
  outcomeOf(earlier: EarlierUse<Outcome>): Outcome;
  /** Stores what comes of this one. */
  keep(outcome: Outcome): Query;
}

interface EarlierUse<Outcome> {
  readonly commandHash: string;
  readonly outcome: Outcome;
}

const LOOK_UP = `SELECT command_hash AS "commandHash", outcome FROM idempotency_keys
  WHERE owner_id = $1 AND operation = $2 AND key = $3`;
const KEEP = `INSERT INTO idempotency_keys
  (owner_id, operation, key, command_hash, outcome, created_at) VALUES ($1, $2, $3, $4, $5, $6)`;

/**
 * What {@link idempotent} does, in parts that need no way to the database of their own: the key is stored
 * once, with its outcome, when all is decided. It holds back no second request by itself; the lock does.
 */
export function useOfKey<Outcome extends Prisma.InputJsonObject>({
  ownerId,
  operation,
  key: givenKey,
  scope,
  command,
  now,
}: IdempotentCommand): KeyUse<Outcome> {
  const key = scope === undefined ? givenKey : `${scope}:${givenKey}`;
  const commandHash = hashOf(command);
  return {
    lookUp: { text: LOOK_UP, values: [ownerId, operation, key] },
    outcomeOf(earlier) {
      if (earlier.commandHash !== commandHash) throw new IdempotencyConflict(givenKey);
      return earlier.outcome;
    },
    keep: (outcome) => ({
      text: KEEP,
      values: [ownerId, operation, key, commandHash, JSON.stringify(outcome), now],
    }),
  };
}

/** SHA-256 over the command with its keys in order, so that the order in which they came is no matter. */
function hashOf(command: unknown): string {
  const text = JSON.stringify(command, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(text).digest('hex');
}
