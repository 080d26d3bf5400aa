import { createHash } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Clock } from '../platform/clock.ts';
import { Unauthenticated } from '../platform/errors.ts';

/** What an access token says. The role is not in it: the session look-up tells the present one. */
export interface TokenClaims {
  readonly userId: string;
  readonly sessionId: string;
  /** Of the user when it was issued; raising the user's own makes it void. */
  readonly tokenVersion: number;
  readonly expiresAt: Date;
}

export interface Tokens {
  sign(claims: TokenClaims): Promise<string>;
  /**
   * The claims of a token that we signed and that is valid by the clock. Whether its session is still
   * open is not asked here. Throws {@link Unauthenticated} for everything else.
   */
  verify(token: string): Promise<TokenClaims>;
}

// jose accepts whatever is not pinned: a one-byte secret, HS512, any `typ`, no `exp`, `iss` or `aud`.
const ALGORITHM = 'HS256';
/** RFC 9068: the type of an access token, so that no other token of ours passes for one. */
const TYPE = 'at+jwt';
const ISSUER = 'tradegraph';
const AUDIENCE = 'tradegraph-api';
/** RFC 7518, 3.2: a key of HS256 is at least as long as its digest. */
const SECRET_MIN_BYTES = 32;
const TOKEN_MAX_CHARACTERS = 4_096;
const VERIFIED_MAX = 10_000;
const SECOND_MS = 1_000;

const CLAIMS = z.object({
  sub: z.uuid(),
  jti: z.uuid(),
  ver: z.int().nonnegative(),
  iat: z.int(),
  exp: z.int(),
});

/** Throws a plain error when the secret has fewer than 32 bytes. */
export function createTokens({ secret, clock }: { secret: string; clock: Clock }): Tokens {
  const key = new TextEncoder().encode(secret);
  if (key.byteLength < SECRET_MIN_BYTES) {
    throw new Error(`The secret of the tokens is shorter than ${SECRET_MIN_BYTES} bytes.`);
  }
  const verified = createVerifiedTokens(clock);

  return {
    sign: ({ userId, sessionId, tokenVersion, expiresAt }) =>
      new SignJWT({ ver: tokenVersion })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setJti(sessionId)
        .setIssuedAt(clock.now())
        .setExpirationTime(expiresAt)
        .sign(key),

    async verify(token) {
      if (token.length > TOKEN_MAX_CHARACTERS) throw new Unauthenticated(INVALID);
      const known = verified.get(token);
      if (known) return known;
      const claims = await verifyToken(token, key, clock);
      verified.put(token, claims);
      return claims;
    },
  };
}

const INVALID = 'The access token is not valid or has expired.';

async function verifyToken(token: string, key: Uint8Array, clock: Clock): Promise<TokenClaims> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'jti', 'ver', 'iat', 'exp'],
      currentDate: clock.now(),
    });
    const claims = CLAIMS.parse(payload);
    return {
      userId: claims.sub,
      sessionId: claims.jti,
      tokenVersion: claims.ver,
      expiresAt: new Date(claims.exp * SECOND_MS),
    };
  } catch {
    // Why it failed helps nobody but an attacker.
    throw new Unauthenticated(INVALID);
  }
}

/**
 * Tokens whose signature was checked, so that it is checked once and not with every request. Kept by
 * hash, and never past their expiry; nothing here says that a session is still open.
 */
function createVerifiedTokens(clock: Clock) {
  const claimsByHash = new Map<string, TokenClaims>();
  const hashOf = (token: string) => createHash('sha256').update(token).digest('base64');
  return {
    get(token: string): TokenClaims | undefined {
      const hash = hashOf(token);
      const claims = claimsByHash.get(hash);
      if (!claims || claims.expiresAt > clock.now()) return claims;
      claimsByHash.delete(hash);
      return undefined;
    },
    put(token: string, claims: TokenClaims): void {
      // A Map keeps the order of insertion: the first key is the oldest.
      const [oldest] = claimsByHash.keys();
      if (claimsByHash.size >= VERIFIED_MAX && oldest !== undefined) claimsByHash.delete(oldest);
      claimsByHash.set(hashOf(token), claims);
    },
  };
}
