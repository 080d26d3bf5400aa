import { createHash } from 'node:crypto';
import type { Tx } from '../platform/database.ts';
import type { AccountTokenPurpose, UserRole, UserStatus } from '../platform/prisma/enums.ts';
import type { RandomBytes } from './refresh-token.ts';

const TOKEN_BYTES = 32;
/** So that people, and programs that look for secrets in public places, see what it is. */
const PREFIX = 'tg_mail_';

/** 256 random bits for the link of a mail. */
export function newAccountToken(randomBytes: RandomBytes): string {
  return PREFIX + Buffer.from(randomBytes(TOKEN_BYTES)).toString('base64url');
}

/**
 * What is stored of a token. It is as random as a key, so that a plain hash does not give it away.
 */
export function hashAccountToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Who gets a token by mail. */
interface TokenOwner {
  readonly userId: string;
  readonly role: UserRole;
  readonly username: string;
  readonly email: string;
}

/** Whose token it is, if it is good now; who brings one is not logged in. */
export async function findAccountToken(
  tx: Tx,
  { tokenHash, purpose, now }: { tokenHash: Uint8Array; purpose: AccountTokenPurpose; now: Date },
): Promise<TokenOwner | undefined> {
  const [found] = await tx.$queryRaw<TokenOwner[]>`
    SELECT user_id AS "userId", role::text, username, email
    FROM find_account_token(${tokenHash}, ${purpose}::account_token_purpose, ${now})`;
  return found;
}

/** A person after a change of their own row. */
export interface ChangedPerson {
  readonly username: string;
  readonly email: string;
  readonly role: UserRole;
  readonly status: UserStatus;
  readonly tokenVersion: number;
}

export interface ConfirmedPerson extends ChangedPerson {
  /** Whether they were let in by it, as their address is on the list. */
  readonly hasEntered: boolean;
}

/**
 * Uses up a link that confirms the viewer's address. Undefined when it is not good, or another has
 * the address: roll back then.
 */
export async function confirmEmail(
  tx: Tx,
  { tokenHash, isAllowList, now }: { tokenHash: Uint8Array; isAllowList: boolean; now: Date },
): Promise<ConfirmedPerson | undefined> {
  const [confirmed] = await tx.$queryRaw<ConfirmedPerson[]>`
    SELECT username, email, role::text, status::text, token_version AS "tokenVersion",
      has_entered AS "hasEntered"
    FROM confirm_email(${tokenHash}, ${isAllowList}, ${now})`;
  return confirmed;
}

/**
 * What shows that the viewer may choose another password: a mailed link, or who they were before.
 */
export type PasswordProof = { readonly tokenHash: Uint8Array } | { readonly tokenVersion: number };

/**
 * Gives the viewer another password; older access tokens and mailed links are void. Undefined when
 * the proof is not good any more: roll back then.
 */
export async function storePassword(
  tx: Tx,
  { proof, passwordHash, now }: { proof: PasswordProof; passwordHash: string; now: Date },
): Promise<ChangedPerson | undefined> {
  const tokenHash = 'tokenHash' in proof ? proof.tokenHash : null;
  const tokenVersion = 'tokenVersion' in proof ? proof.tokenVersion : null;
  const [changed] = await tx.$queryRaw<ChangedPerson[]>`
    SELECT username, email, role::text, status::text, token_version AS "tokenVersion"
    FROM change_password(${tokenHash}::bytea, ${tokenVersion}::int, ${passwordHash}, ${now})`;
  return changed;
}
