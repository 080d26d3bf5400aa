import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { jwtVerify, SignJWT, type JWTHeaderParameters } from 'jose';
import { z } from 'zod';
import type { Clock } from '../platform/clock.ts';
import type { TokenKey } from '../platform/config/token-keys.ts';
import { Unauthenticated } from '../platform/errors.ts';
import type { Soon } from '../platform/soon.ts';
import { createVerifiedTokens } from './verified-tokens.ts';

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
   * The claims of a token that we signed and that is valid by the clock. Whether its session is
   * still open is not asked here. {@link Unauthenticated} for everything else.
   */
  verify(token: string): Soon<TokenClaims>;
}

// jose accepts whatever is not pinned: a one-byte secret, HS512, any `typ`, no `exp`, `iss` or
// `aud`.
/** RFC 9068: the type of an access token, so that no other token of ours passes for one. */
const TYPE = 'at+jwt';
const ISSUER = 'tradegraph';
const AUDIENCE = 'tradegraph-api';
/** RFC 7518, 3.2: a key of HS256 is at least as long as its digest. */
const SECRET_MIN_BYTES = 32;
const TOKEN_MAX_CHARACTERS = 4_096;
const SECOND_MS = 1_000;
/** By how much the clocks of two of our servers may differ. */
const CLOCK_SKEW_SECONDS = 60;

const CLAIMS = z.object({
  sub: z.uuid(),
  jti: z.uuid(),
  ver: z.int().nonnegative(),
  iat: z.int(),
  exp: z.int(),
});

export interface TokensPorts {
  /**
   * The first one signs. The others are known still, so that what they signed is good until it
   * expires.
   */
  readonly keys: readonly TokenKey[];
  readonly clock: Clock;
}

/**
 * Throws a plain error when there is no key, an id comes twice, or a secret has fewer than 32
 * bytes.
 */
export function createTokens({ keys, clock }: TokensPorts): Tokens {
  const [signer, ...others] = keys.map(readKey);
  if (!signer) throw new Error('There is no key for the tokens.');
  const known = new Map([signer, ...others].map((key) => [key.id, key]));
  if (known.size < keys.length) throw new Error('Two keys of the tokens have one id.');
  const verified = createVerifiedTokens(clock);
  const header = { alg: signer.algorithm, typ: TYPE, kid: signer.id };

  return {
    sign: ({ userId, sessionId, tokenVersion, expiresAt }) =>
      new SignJWT({ ver: tokenVersion })
        .setProtectedHeader(header)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setJti(sessionId)
        .setIssuedAt(clock.now())
        .setExpirationTime(expiresAt)
        .sign(signer.signing),

    verify(token) {
      if (token.length > TOKEN_MAX_CHARACTERS) return Promise.reject(new Unauthenticated(INVALID));
      const seen = verified.get(token);
      if (seen) return seen;
      return verifyToken(token, known, clock).then((claims) => {
        verified.put(token, claims);
        return claims;
      });
    },
  };
}

const INVALID = 'The access token is not valid or has expired.';

interface ReadKey extends Pick<TokenKey, 'id' | 'algorithm'> {
  readonly signing: Uint8Array | KeyObject;
  readonly verifying: Uint8Array | KeyObject;
}

function readKey({ id, algorithm, secret }: TokenKey): ReadKey {
  if (secret.byteLength < SECRET_MIN_BYTES) {
    throw new Error(`The secret of the tokens is shorter than ${SECRET_MIN_BYTES} bytes.`);
  }
  if (algorithm === 'HS256') return { id, algorithm, signing: secret, verifying: secret };
  const signing = createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' });
  return { id, algorithm, signing, verifying: createPublicKey(signing) };
}

async function verifyToken(
  token: string,
  keys: ReadonlyMap<string, ReadKey>,
  clock: Clock,
): Promise<TokenClaims> {
  try {
    const { payload } = await jwtVerify(token, (header) => keyFor(header, keys), {
      algorithms: [...new Set([...keys.values()].map(({ algorithm }) => algorithm))],
      typ: TYPE,
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'jti', 'ver', 'iat', 'exp'],
      currentDate: clock.now(),
    });
    const claims = CLAIMS.parse(payload);
    // jose does not look at it.
    const latestSeconds = clock.now().getTime() / SECOND_MS + CLOCK_SKEW_SECONDS;
    if (claims.iat > latestSeconds) throw new Unauthenticated(INVALID);
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

/** The key decides the algorithm, never the token: what one key signs, another must not accept. */
function keyFor({ alg, kid }: JWTHeaderParameters, keys: ReadonlyMap<string, ReadKey>) {
  const key = keys.get(kid ?? '');
  if (!key || key.algorithm !== alg) throw new Unauthenticated(INVALID);
  return key.verifying;
}
