import { appendFileSync } from 'node:fs';
import { createDatabase } from '../../src/services/platform/database.ts';
import { auditLedger, type AuditCheck } from '../../src/services/portfolio/ledger-audit.ts';

interface Note {
  readonly place: string;
  readonly rules: number;
  readonly findings: number;
  readonly onPurpose: number;
  readonly durationMs: number;
}

/**
 * Names the file in which a test run notes each database whose books were looked at, in a line of its
 * own; see {@link summaryOf}. Programs that are run by hand note nothing.
 */
export const NOTE_FILE_VARIABLE = 'TRADEGRAPH_BOOKS_NOTE_FILE';

const PATIENCE_MS = 120_000;
const SHOWN_MAX = 5;

/** By the URL of the database, the names of the rules that its tests break. */
const brokenOnPurpose = new Map<string, ReadonlySet<string>>();

/** Says which rules of `audit ledger` the tests of a file break on purpose, and leave broken. */
export function leaveBroken(
  { ownerUrl }: { readonly ownerUrl: string },
  ...rules: readonly string[]
): void {
  brokenOnPurpose.set(ownerUrl, new Set(rules));
}

/**
 * Looks at what tests leave behind in a database with every rule of `audit ledger`, right before it is
 * let go. Throws with what is broken, but for rules that were broken on purpose. `url` is that of its
 * superuser, whom no test can keep out.
 */
export async function auditBooksLeft(url: string): Promise<void> {
  const onPurpose = brokenOnPurpose.get(url);
  const startedMs = performance.now();
  const checks = await checksOf(url);
  const broken = checks.filter(({ brokenCount }) => brokenCount > 0);
  const findings = broken.filter(({ name }) => onPurpose?.has(name) !== true);
  const note: Note = {
    ...{ place: placeOf(url), rules: checks.length, findings: findings.length },
    ...{ onPurpose: broken.length - findings.length },
    durationMs: performance.now() - startedMs,
  };
  const noteFile = process.env[NOTE_FILE_VARIABLE];
  if (noteFile !== undefined) appendFileSync(noteFile, `${JSON.stringify(note)}\n`);
  if (note.findings === 0) return;
  throw new Error(`The tests leave books that are broken.\n${findings.map(wordsOf).join('\n')}`);
}

function placeOf(url: string): string {
  const { port, pathname } = new URL(url);
  return `${port}${pathname}`;
}

async function checksOf(url: string): Promise<readonly AuditCheck[]> {
  const database = createDatabase({
    ...{ url, poolSize: 1, acquireTimeoutMs: PATIENCE_MS },
    ...{ transactionTimeoutMs: PATIENCE_MS, statementTimeoutMs: PATIENCE_MS },
  });
  try {
    return (await auditLedger(database)).checks;
  } finally {
    await database.close();
  }
}

function wordsOf({ name, rule, brokenCount, findings }: AuditCheck): string {
  const shown = findings
    .slice(0, SHOWN_MAX)
    .map(
      ({ subject, expected, found }) =>
        `  ${subject}: expected ${expected ?? 'nothing'}, found ${found ?? 'nothing'}`,
    );
  return [`${name} (${String(brokenCount)}): ${rule}`, ...shown].join('\n');
}

/** What the notes of a run come to, in a line. */
export function summaryOf(notes: string): string {
  const all = notes.split('\n').flatMap((line) => (line ? [JSON.parse(line) as Note] : []));
  const sum = (field: 'findings' | 'onPurpose' | 'durationMs') =>
    all.reduce((total, note) => total + note[field], 0);
  const databases = new Set(all.map(({ place }) => place)).size;
  const rules = Math.max(0, ...all.map((note) => note.rules));
  const onPurpose = sum('onPurpose') > 0 ? ` (${String(sum('onPurpose'))} more on purpose)` : '';
  return (
    `ledger audit: ${String(databases)} databases, ${String(rules)} rules, ` +
    `${String(sum('findings'))} findings${onPurpose}, ${(sum('durationMs') / 1_000).toFixed(1)} s`
  );
}
