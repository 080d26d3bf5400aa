import type { Audit } from '../audit/audit.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Ids } from '../platform/ids.ts';
import { systemViewer } from '../platform/viewer.ts';
import { addApprovedEmails } from './approved-emails.ts';

interface OperatorApprovedEmailsPorts {
  readonly workerDb: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: Audit;
}

/** As many as one transaction writes in a moment. */
const BATCH = 500;

/**
 * Puts any number of normalised addresses on the list, past row-level security. Answers with how
 * many were not on it. When it is cut off, the same again adds the rest.
 */
export async function approveAsOperator(
  { workerDb, ...ports }: OperatorApprovedEmailsPorts,
  emailKeys: readonly string[],
): Promise<number> {
  let added = 0;
  for (let at = 0; at < emailKeys.length; at += BATCH) {
    const viewer = systemViewer();
    const batch = emailKeys.slice(at, at + BATCH);
    added += await workerDb.withViewer(viewer, (tx) =>
      addApprovedEmails(ports, { tx, viewer, emailKeys: batch }),
    );
  }
  return added;
}
