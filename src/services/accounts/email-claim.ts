import { EmailInUse } from './errors.ts';

/**
 * Throws {@link EmailInUse} for somebody who signed up with an address that was another's: it is
 * not theirs, and their `emailKey` is their id, until they follow the link that is mailed to it.
 */
export function assertOwnEmail({ id, emailKey }: { id: string; emailKey: string }): void {
  if (emailKey === id) throw new EmailInUse();
}
