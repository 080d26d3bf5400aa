import Table from 'cli-table3';
import { createDatabase } from '../services/platform/database.ts';
import { auditLedger, type AuditCheck } from '../services/portfolio/ledger-audit.ts';
import { say, type Operator } from './operator.ts';

/** One statement reads all trades; the books may be large, and nobody waits for it but a person. */
const AUDIT_TIMEOUT_MS = 10 * 60_000;
const FINDINGS_SHOWN_MAX = 10;

/** Prints what was checked and what is broken. Answers whether the books are clean. */
export async function printLedgerAudit({ settings, urls }: Operator): Promise<boolean> {
  const workerDb = createDatabase({
    url: urls.worker,
    poolSize: 1,
    acquireTimeoutMs: settings.database.connectTimeoutMs,
    transactionTimeoutMs: AUDIT_TIMEOUT_MS,
    statementTimeoutMs: AUDIT_TIMEOUT_MS,
  });
  try {
    const { checks, isClean } = await auditLedger(workerDb);
    const table = new Table({ head: ['rule', 'checked', 'broken'], style: { head: [] } });
    for (const { rule, checkedCount, brokenCount } of checks) {
      table.push([rule, checkedCount, brokenCount]);
    }
    say(table.toString());
    for (const check of checks) sayFindings(check);
    say(isClean ? 'The books are clean.' : 'The books are broken.');
    return isClean;
  } finally {
    await workerDb.close();
  }
}

function sayFindings({ name, rule, brokenCount, findings }: AuditCheck): void {
  if (brokenCount === 0) return;
  say(`\n${name}: ${rule}`);
  for (const { subject, expected, found } of findings.slice(0, FINDINGS_SHOWN_MAX)) {
    say(`  ${subject}: expected ${expected ?? 'nothing'}, found ${found ?? 'nothing'}`);
  }
  const left = brokenCount - FINDINGS_SHOWN_MAX;
  if (left > 0) say(`  … and ${String(left)} more`);
}
