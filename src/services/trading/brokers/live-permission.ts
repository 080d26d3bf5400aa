import type { BrokerConnection } from '../../platform/prisma/client.ts';

/** Which of the two permissions to trade real money is missing. */
export type MissingPermission = 'DEPLOYMENT' | 'ACCOUNT';

/**
 * Real money needs the word of whoever runs the program, and that of whose money it is. A sandbox
 * needs neither: nothing can be lost there. Undefined when nothing is missing.
 */
export function missingPermission(
  { isSandbox, isLiveEnabled }: Pick<BrokerConnection, 'isSandbox' | 'isLiveEnabled'>,
  isLiveTrading: boolean,
): MissingPermission | undefined {
  if (isSandbox) return undefined;
  if (!isLiveTrading) return 'DEPLOYMENT';
  return isLiveEnabled ? undefined : 'ACCOUNT';
}
