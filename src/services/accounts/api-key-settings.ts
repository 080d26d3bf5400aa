import { InvalidInput } from '../platform/errors.ts';
import { parseLine } from '../platform/line-of-text.ts';
import { ApiKeyScope, type ApiKeyEnvironment } from '../platform/prisma/enums.ts';
import { parseNetwork } from './networks.ts';

/** What somebody wants of a key. */
export interface ApiKeyWish {
  readonly name: string;
  readonly environment: ApiKeyEnvironment;
  readonly scopes: readonly ApiKeyScope[];
  /** Addresses and networks that it may come from; from anywhere when it is left out or empty. */
  readonly networks?: readonly string[];
  /** No limit of its own when it is left out. */
  readonly requestsPerMinute?: number;
  /** It does not run out when it is left out. */
  readonly expiresAt?: Date;
}

/** The same, checked and in one form. */
export interface ApiKeySettings {
  readonly name: string;
  readonly environment: ApiKeyEnvironment;
  readonly scopes: readonly ApiKeyScope[];
  readonly networks: readonly string[];
  readonly requestsPerMinute: number | null;
  readonly expiresAt: Date | null;
}

const NAME_MAX_CHARACTERS = 100;
const NETWORKS_MAX = 20;
const REQUESTS_MAX = 100_000;

/** Throws InvalidInput, with the field, for a wish that no key can have. */
export function parseApiKey(wish: ApiKeyWish, now: Date): ApiKeySettings {
  const { environment, requestsPerMinute = null, expiresAt = null } = wish;
  // In the order of the enum, each once: the same key however it was asked for.
  const scopes = Object.values(ApiKeyScope).filter((scope) => wish.scopes.includes(scope));
  if (scopes.length === 0) throw new InvalidInput('scopes', 'A key needs a scope.');
  if (environment === 'TEST' && scopes.includes('ADMIN')) {
    throw new InvalidInput(
      'scopes',
      'A key for tests reaches paper accounts, and no other people.',
    );
  }
  if (requestsPerMinute !== null && !isWithinRange(requestsPerMinute, REQUESTS_MAX)) {
    const range = `1 to ${String(REQUESTS_MAX)}`;
    throw new InvalidInput('requestsPerMinute', `A limit goes from ${range} operations a minute.`);
  }
  if (expiresAt !== null && expiresAt <= now) {
    throw new InvalidInput('expiresAt', 'A key cannot have run out before it is made.');
  }
  return {
    name: parseLine('name', wish.name, NAME_MAX_CHARACTERS),
    networks: parseNetworks(wish.networks ?? []),
    ...{ environment, scopes, requestsPerMinute, expiresAt },
  };
}

function parseNetworks(given: readonly string[]): string[] {
  if (given.length > NETWORKS_MAX) {
    throw new InvalidInput('networks', `A key has at most ${String(NETWORKS_MAX)} networks.`);
  }
  const networks = given.map((text) => {
    const network = parseNetwork(text);
    if (network !== undefined) return network;
    const example = '`192.0.2.7`, `198.51.100.0/24` or `2001:db8::/32`';
    throw new InvalidInput('networks', `Write addresses and networks such as ${example}.`);
  });
  return [...new Set(networks)].toSorted();
}

function isWithinRange(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}
