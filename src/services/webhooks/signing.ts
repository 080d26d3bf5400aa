import { Webhook as Signer } from 'standardwebhooks';
import type { Binding } from '../platform/sealing.ts';
import type { Message } from './messages.ts';

const SECRET_BYTES = 32;
const PREFIX = 'whsec_';

/** A secret as Standard Webhooks writes it: 256 random bits. */
export function newSecret(randomBytes: (size: number) => Uint8Array): string {
  return PREFIX + Buffer.from(randomBytes(SECRET_BYTES)).toString('base64');
}

/** Whose secret it is, for its seal. */
export const secretBinding = (row: { readonly id: string; readonly ownerId: string }): Binding => ({
  ...{ purpose: 'webhook', ownerId: row.ownerId, rowId: row.id },
});

/**
 * What a message is sent with (https://www.standardwebhooks.com): its id, the time of this try, and a
 * signature with each secret that is good now, so that a receiver may have any of them.
 */
export function signedHeaders(
  { id, body }: Message,
  secrets: readonly string[],
  now: Date,
): Record<string, string> {
  const signatures = secrets.map((secret) => new Signer(secret).sign(id, now, body));
  return {
    'content-type': 'application/json',
    'user-agent': 'Tradegraph-Webhooks/1',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': signatures.join(' '),
  };
}
