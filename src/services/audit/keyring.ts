import { createHmac, createSecretKey } from 'node:crypto';
import { ConfigError } from '../platform/config/config-error.ts';
import type { NamedKey } from '../platform/config/config.ts';
import { joinParts } from './canonical.ts';

/** The keys of the chain. Who has none of them cannot make a seal or an anchor. */
export interface Keyring {
  /** The key that signs now. */
  readonly signingId: string;
  /** HMAC-SHA256 with the key of that id; undefined when it is not one of ours. */
  sign(keyId: string, parts: readonly string[]): Buffer | undefined;
}

/** Throws ConfigError when there is no key. */
export function createKeyring(keys: readonly NamedKey[]): Keyring {
  const [newest] = keys;
  if (!newest) {
    const fix =
      'is not set, and the audit log can be neither sealed nor verified without its keys.';
    throw new ConfigError([{ variable: 'AUDIT_KEYS', fix }]);
  }
  // Made once: to make one for each seal takes three times as long as to sign.
  const secrets = new Map(keys.map(({ id, secret }) => [id, createSecretKey(secret)]));
  return {
    signingId: newest.id,
    sign(keyId, parts) {
      const secret = secrets.get(keyId);
      return secret && createHmac('sha256', secret).update(joinParts(parts)).digest();
    },
  };
}
