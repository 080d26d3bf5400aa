import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Pool } from 'pg';
import { keyOfSecret } from '../src/services/platform/config/token-keys.ts';
import { FLOOR_STATEMENTS } from './read-floor-statements.ts';

export interface FloorCaller {
  readonly userId: string;
  readonly role: string;
}

export const NOBODY: FloorCaller = { userId: '', role: 'ANONYMOUS' };

interface Claims {
  readonly sub: string;
  readonly jti: string;
  readonly ver: number;
  readonly exp: number;
}

interface Kept {
  readonly claims: Claims;
  caller?: FloorCaller;
  readMs: number;
}

/** As long as the program takes a session for open without asking again. */
const GOOD_MS = 2_000;
const KEPT_MAX = 10_000;

/**
 * Who calls, of a token that is verified as the program does it: signature, type, issuer, audience and
 * expiry once, then kept; and its session every two seconds.
 */
export function createFloorCallers(pool: Pool, secret: string) {
  const key = keyOfSecret(secret);
  const kept = new Map<string, Kept>();

  const verify = (token: string): Claims => {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const { alg, typ, kid } = parse(header) as Record<'alg' | 'typ' | 'kid', string>;
    const signed = createHmac('sha256', key.secret).update(`${header}.${payload}`).digest();
    const given = Buffer.from(signature, 'base64url');
    const claims = parse(payload) as Claims & Record<'iss' | 'aud', string>;
    const isGood =
      alg === 'HS256' &&
      typ === 'at+jwt' &&
      kid === key.id &&
      given.length === signed.length &&
      timingSafeEqual(given, signed) &&
      claims.iss === 'tradegraph' &&
      claims.aud === 'tradegraph-api';
    if (!isGood) throw new Error('The token is not good.');
    return claims;
  };

  const findCaller = async ({ jti, sub, ver }: Claims, nowMs: number): Promise<FloorCaller> => {
    const { rows } = await pool.query<string[]>({
      name: 'session',
      text: FLOOR_STATEMENTS.session,
      values: [jti],
      rowMode: 'array',
    });
    const [userId, role = '', status, version, expiresAt = '', revokedAt = null] = rows[0] ?? [];
    const isOpen =
      userId === sub &&
      status === 'ACTIVE' &&
      Number(version) === ver &&
      revokedAt === null &&
      Date.parse(expiresAt) > nowMs;
    if (!isOpen) throw new Error('The session has ended.');
    return { userId, role };
  };

  return async (authorization: string | undefined): Promise<FloorCaller> => {
    if (authorization === undefined) return NOBODY;
    const nowMs = Date.now();
    let known = kept.get(authorization);
    if (!known) {
      known = { claims: verify(authorization.slice('Bearer '.length)), readMs: 0 };
      if (kept.size >= KEPT_MAX) kept.clear();
      kept.set(authorization, known);
    }
    if (known.claims.exp * 1_000 <= nowMs) throw new Error('The token has expired.');
    if (!known.caller || nowMs - known.readMs >= GOOD_MS) {
      known.caller = await findCaller(known.claims, nowMs);
      known.readMs = nowMs;
    }
    return known.caller;
  };
}

const parse = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
