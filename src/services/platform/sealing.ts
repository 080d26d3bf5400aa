import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { ConfigError } from './config/config-error.ts';
import type { NamedKey } from './config/config.ts';

/** A secret as the database keeps it. */
export interface Sealed {
  readonly keyId: string;
  /** Nonce, ciphertext and tag. */
  readonly bytes: Uint8Array;
}

/**
 * Whose secret it is and where it is kept. Associated data of the cipher: a row that is copied to another
 * owner, table or row does not open.
 */
export interface Binding {
  /** Such as `credential`: the kind of row. */
  readonly purpose: string;
  /** Id of the person; `platform` for what is nobody's. */
  readonly ownerId: string;
  readonly rowId: string;
}

/** Keeps secrets from whoever reads the database: AES-256-GCM (NIST SP 800-38D). */
export interface Sealing {
  /** Id of the key that seals now. */
  sealingId(): string;
  /** `secret`: whole characters, since half of a pair would come back as another one. */
  seal(secret: string, binding: Binding): Sealed;
  /** Throws {@link SealBroken} for another binding, bytes that were changed, or a key that is not there. */
  open(sealed: Sealed, binding: Binding): string;
}

/** What was sealed does not open. The message names the key and the row, and no secret. */
export class SealBroken extends Error {}

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * `keys`: the first one seals, the others open what they sealed. `randomBytes` gives the nonces, which
 * must never come twice under one key: no fewer than 96 random bits. Without a key, each use throws
 * ConfigError: an operator's command that needs no secret is not given one.
 */
export function createSealing(
  keys: readonly NamedKey[],
  randomBytes: (size: number) => Uint8Array,
): Sealing {
  const sealingId = (): string => {
    const [newest] = keys;
    if (newest) return newest.id;
    const fix = 'is not set, and no secret can be sealed or opened without its keys.';
    throw new ConfigError([{ variable: 'VAULT_KEYS', fix }]);
  };
  const secrets = new Map(keys.map(({ id, secret }) => [id, cipherKey(secret)]));

  const keyOf = (keyId: string, { purpose, rowId }: Binding): Buffer => {
    const key = secrets.get(keyId);
    if (!key) throw new SealBroken(`The ${purpose} ${rowId} needs the key "${keyId}".`);
    return key;
  };

  return {
    sealingId,
    seal(secret, binding) {
      if (!secret.isWellFormed()) throw new TypeError('A secret is made of whole characters.');
      const keyId = sealingId();
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, keyOf(keyId, binding), nonce);
      cipher.setAAD(associatedData(keyId, binding));
      const parts = [nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()];
      return { keyId, bytes: Buffer.concat(parts) };
    },
    open({ keyId, bytes }, binding) {
      const key = keyOf(keyId, binding);
      try {
        if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new Error('It was cut off.');
        const nonce = bytes.subarray(0, NONCE_BYTES);
        const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
        decipher.setAAD(associatedData(keyId, binding));
        decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
        const ciphertext = bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES);
        return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
      } catch (cause) {
        const { purpose, rowId } = binding;
        throw new SealBroken(`The ${purpose} ${rowId} does not open with the key "${keyId}".`, {
          cause,
        });
      }
    },
  };
}

/** The key of the cipher, for keys of 32 bytes or more in whatever form (HKDF, RFC 5869). */
function cipherKey(secret: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'tradegraph sealing 1', KEY_BYTES));
}

const associatedData = (keyId: string, { purpose, ownerId, rowId }: Binding): Buffer =>
  Buffer.from(JSON.stringify([keyId, purpose, ownerId, rowId]));
