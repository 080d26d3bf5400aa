import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { parseRedisAddress } from '../redis-address.ts';

/** A whole number from `min` to `max`, or `fallback` when the variable is not set. */
export function wholeNumber(range: { min: number; max: number }, fallback: number) {
  const fix = `must be a whole number from ${range.min} to ${range.max}, such as ${fallback}.`;
  return z
    .string()
    .regex(/^\d{1,15}$/, fix)
    .transform(Number)
    .refine((value) => value >= range.min && value <= range.max, fix)
    .default(fallback);
}

/** `true` or `false`, and nothing like "yes": a misspelt switch must not silently be off. */
export function flag() {
  return z.enum(['true', 'false'], 'must be true or false.').transform((text) => text === 'true');
}

export function oneOf<const Choices extends readonly [string, ...string[]]>(choices: Choices) {
  return z.enum(choices, `must be one of ${choices.join(', ')}.`);
}

export function text() {
  return z.string();
}

const SECRET_MIN_BYTES = 32;
/** How a person makes a secret that is good enough. */
export const MAKE_SECRET = `Make one with: node -p "crypto.randomBytes(48).toString('base64url')"`;

/** A key for signing with SHA-256: 32 bytes or more (RFC 7518, 3.2). */
export function secret() {
  return z
    .string()
    .refine(
      (value) => Buffer.byteLength(value) >= SECRET_MIN_BYTES,
      `is shorter than ${String(SECRET_MIN_BYTES)} bytes. ${MAKE_SECRET}`,
    );
}

const KEY = /^(?<id>[\w.-]{1,32}):(?<secret>[\w+/-]+={0,2})$/;

/** `id:secret`, with commas between them; the secrets in base64, of 32 bytes or more. No id twice. */
export function keyList() {
  const fix =
    `must list keys as id:secret, with commas between them, the secrets in base64 and of ` +
    `${String(SECRET_MIN_BYTES)} bytes or more, each id once. ${MAKE_SECRET}`;
  return z
    .string()
    .transform((list) => list.split(',').map((entry) => parseKey(entry.trim())))
    .refine(
      (keys) =>
        keys.every(({ secret }) => secret.length >= SECRET_MIN_BYTES) &&
        new Set(keys.map(({ id }) => id)).size === keys.length,
      fix,
    );
}

function parseKey(entry: string): { id: string; secret: Buffer } {
  const { id = '', secret = '' } = KEY.exec(entry)?.groups ?? {};
  return { id, secret: Buffer.from(secret, 'base64') };
}

/** `postgresql://user:password@host:port/database` */
export function postgresUrl() {
  const fix = 'must look like postgresql://user:password@host:5432/database.';
  return z.string().refine((value) => {
    const url = URL.parse(value);
    return /^postgres(ql)?:$/.test(url?.protocol ?? '') && (url?.pathname.length ?? 0) > 1;
  }, fix);
}

/** A Redis, as {@link parseRedisAddress} reads it. */
export function redisUrl() {
  const fix =
    'must look like redis://host:6379, redis-cluster://host:6379,host:6379 or ' +
    'redis-sentinel://host:26379,host:26379/master (rediss for TLS).';
  return z.string().refine((value) => parseRedisAddress(value) !== undefined, fix);
}

/** Origins with commas between them, each as a browser sends it: scheme, host and port alone. */
export function originList() {
  const fix = 'must list origins such as https://app.example.com, with commas between them.';
  return z
    .string()
    .transform((list) => list.split(',').map((origin) => origin.trim()))
    .refine((origins) => origins.every((origin) => URL.parse(origin)?.origin === origin), fix);
}

const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z][a-z0-9-]{0,62}$/;

/** A domain without scheme and port, such as `example.com`; an address is none. */
export function domain() {
  return z.string().regex(DOMAIN, 'must be a domain such as example.com, in lower case.');
}

/** Addresses and networks (CIDR) with commas between them. */
export function networkList() {
  const fix = 'must list addresses or networks such as 10.0.0.0/8, with commas between them.';
  return z
    .string()
    .transform((list) => list.split(',').map((network) => network.trim()))
    .refine((networks) => networks.every(isNetwork), fix);
}

const isNetwork = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
