import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ApiKeyEnvironment } from '../platform/prisma/enums.ts';
import type { RandomBytes } from './refresh-token.ts';

const SECRET_BYTES = 32;
const CHECKSUM_BYTES = 4;
const PREFIXES = { LIVE: 'tg_live_', TEST: 'tg_test_' } as const satisfies Record<
  ApiKeyEnvironment,
  string
>;
/** How much of the secret is shown, to tell keys apart. */
const SHOWN_CHARACTERS = 4;
const KEY = /^(?<body>tg_(?:live|test)_[\w-]{43})(?<checksum>[\w-]{6})$/;

/**
 * A key: what it is for, 256 random bits, and a checksum over both. People and programs that look
 * for secrets in public places know it by its beginning, and by its end that it is not an example.
 */
export function newApiKey(environment: ApiKeyEnvironment, randomBytes: RandomBytes): string {
  const secret = Buffer.from(randomBytes(SECRET_BYTES)).toString('base64url');
  const body = PREFIXES[environment] + secret;
  return body + checksumOf(body);
}

/** Whether a token is to be taken for a key, good or not, and not for an access token. */
export function looksLikeApiKey(token: string): boolean {
  return token.startsWith(PREFIXES.LIVE) || token.startsWith(PREFIXES.TEST);
}

/** Whether it may be a key of ours: one that was mistyped, or made up, is not looked for. */
export function isWellFormed(key: string): boolean {
  const { body, checksum } = KEY.exec(key)?.groups ?? {};
  return body !== undefined && checksumOf(body) === checksum;
}

/**
 * What is stored of a key. It is as random as a hash, so that a plain one does not give it away.
 */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** The beginning of a key, which is shown for as long as it is known. */
export function shownPart(key: string): string {
  return key.slice(0, PREFIXES.LIVE.length + SHOWN_CHARACTERS);
}

function checksumOf(body: string): string {
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  checksum.writeUInt32BE(crc32(body));
  return checksum.toString('base64url');
}
