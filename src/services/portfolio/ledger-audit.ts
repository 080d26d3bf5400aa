import { systemViewer } from '../platform/viewer.ts';
import { AUDIT_RULES } from './audit-rules.ts';
import type { AuditRule } from './audit-rule.ts';
import type { Database, Tx } from '../platform/database.ts';

/** One thing that breaks a rule. */
export interface AuditFinding {
  /** What it is about, such as `account <id>`. */
  readonly subject: string;
  readonly expected: string | null;
  readonly found: string | null;
}

export interface AuditCheck {
  readonly name: string;
  /** What must hold, in words. */
  readonly rule: string;
  /** Accounts, orders, trades, … that were looked at. */
  readonly checkedCount: number;
  readonly brokenCount: number;
  /** The first hundred of those that break the rule. */
  readonly findings: readonly AuditFinding[];
}

export interface LedgerAudit {
  readonly isClean: boolean;
  readonly checks: readonly AuditCheck[];
}

const FINDINGS_MAX = 100;

/**
 * Checks every invariant of the books over the whole database, as one state of it: it may run while
 * people trade. `workerDb` must be the worker's, who sees every row; its transaction must be given
 * the time that the size of the books needs.
 */
export async function auditLedger(workerDb: Database): Promise<LedgerAudit> {
  const checks = await workerDb.snapshot(systemViewer(), async (tx) => {
    const done: AuditCheck[] = [];
    for (const rule of AUDIT_RULES) done.push(await check(tx, rule));
    return done;
  });
  return { isClean: checks.every(({ brokenCount }) => brokenCount === 0), checks };
}

async function check(tx: Tx, { name, rule, sql }: AuditRule): Promise<AuditCheck> {
  // The rules are constants of the program: nothing from outside is in the text.
  const [row] = await tx.$queryRawUnsafe<
    { checked: number; broken: number; findings: readonly AuditFinding[] }[]
  >(
    `WITH checked AS (${sql}),
      broken AS (SELECT * FROM checked WHERE expected IS DISTINCT FROM found)
    SELECT (SELECT count(*)::int FROM checked) AS checked,
      (SELECT count(*)::int FROM broken) AS broken,
      (SELECT coalesce(jsonb_agg(first ORDER BY first.subject), '[]') FROM (
        SELECT * FROM broken ORDER BY subject LIMIT ${String(FINDINGS_MAX)}) first) AS findings`,
  );
  if (!row) throw new Error(`The check ${name} gave no answer.`);
  const { checked: checkedCount, broken: brokenCount, findings } = row;
  return { name, rule, checkedCount, brokenCount, findings };
}
