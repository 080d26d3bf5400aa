import type { Tx } from '../platform/database.ts';
import { LastSuperAdmin, SuperAdminExists } from './errors.ts';

/**
 * Throws SuperAdminExists. Two who ask at once ask one after the other, to the end of what they do.
 */
export async function assertNoSuperAdmin(tx: Tx): Promise<void> {
  await tx.$queryRaw`
    SELECT pg_advisory_xact_lock(hashtextextended('tradegraph.super_admin', 0))::text`;
  const found = await tx.user.findFirst({ where: { role: 'SUPER_ADMIN' } });
  if (found) throw new SuperAdminExists(found.username);
}

/** Throws LastSuperAdmin unless someone else is one. The database keeps the last one besides. */
export async function assertAnotherSuperAdmin(tx: Tx, id: string): Promise<void> {
  const where = { id: { not: id }, role: 'SUPER_ADMIN', status: 'ACTIVE' } as const;
  if (!(await tx.user.findFirst({ where }))) throw new LastSuperAdmin();
}
