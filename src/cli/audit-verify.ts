import { createAnchorFile } from '../services/audit/anchor-file.ts';
import { BREAKAGES, type Finding } from '../services/audit/breakage.ts';
import { createKeyring } from '../services/audit/keyring.ts';
import { verifyAuditLog, type Verification } from '../services/audit/verification.ts';
import { OperatorError } from '../services/platform/config/config-error.ts';
import { createDatabase } from '../services/platform/database.ts';
import { say, type Operator } from './operator.ts';
import { showProgress } from './progress.ts';

export interface VerifyOptions {
  /** The first link to check. */
  readonly from: bigint;
  readonly isJson: boolean;
}

interface Timed extends Verification {
  readonly durationMs: number;
}

/** One statement looks for records without a seal; nobody waits for it but a person. */
const TIMEOUT_MS = 10 * 60_000;
const SECOND_MS = 1_000;
const EXIT_CODES = { INTACT: 0, BROKEN: 1, UNANCHORED: 3 } as const;

/** Prints what the chain says of the audit log. Answers the exit code of the command. */
export async function printVerification(
  operator: Operator,
  { from, isJson }: VerifyOptions,
): Promise<number> {
  const verification = await verify(operator, from);
  if (isJson) say(JSON.stringify(verification, (_key, value: unknown) => plain(value)));
  else report(verification, operator.settings.audit.anchorFile);
  return EXIT_CODES[verification.verdict];
}

async function verify({ settings, urls }: Operator, from: bigint): Promise<Timed> {
  const keyring = createKeyring(settings.audit.keys);
  const workerDb = createDatabase({
    url: urls.worker,
    poolSize: 1,
    acquireTimeoutMs: settings.database.connectTimeoutMs,
    transactionTimeoutMs: TIMEOUT_MS,
    statementTimeoutMs: TIMEOUT_MS,
  });
  const label = 'Checking the seals';
  const progress = showProgress(label);
  const startedMs = performance.now();
  try {
    const anchors = createAnchorFile(settings.audit.anchorFile);
    const onProgress = ({ count: done, total }: { count: number; total: number }) => {
      progress.update({ done, total: Math.max(total, done, 1), label });
    };
    const found = await verifyAuditLog({ workerDb, keyring, anchors, from, onProgress });
    if (!found) throw new OperatorError(`There is no seal ${String(from - 1n)} to go on from.`);
    return { ...found, durationMs: Math.round(performance.now() - startedMs) };
  } finally {
    progress.stop();
    await workerDb.close();
  }
}

/** JSON has no numbers of 64 bits. */
const plain = (value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

function report(verification: Timed, anchorFile: string): void {
  const { verdict, finding, checkedCount, unsealed, durationMs } = verification;
  const rate = Math.round(checkedCount / Math.max(durationMs / SECOND_MS, 0.001));
  say(`${count(checkedCount)} seals checked in ${String(durationMs)} ms: ${count(rate)} a second.`);
  const since = unsealed.oldest ? `, the oldest of ${timeOf(unsealed.oldest.occurredAt)}` : '';
  say(`${count(unsealed.count)} records are not sealed yet${since}.`);
  sayAnchors(verification, anchorFile);
  if (finding)
    say(`BROKEN ${placeOf(finding)}: ${finding.breakage}, ${BREAKAGES[finding.breakage]}.`);
  if (verdict === 'INTACT') say('The audit log is as it was written.');
  if (verdict === 'UNANCHORED') {
    say(
      'What is there is as it was written. Whether anything was cut from the end, nothing tells.',
    );
  }
}

function sayAnchors({ anchors, head }: Verification, file: string): void {
  const { newest, count: anchorCount, gapCount, unreadableCount } = anchors;
  if (!newest) {
    say(`There is no anchor in ${file}.`);
    return;
  }
  say(
    `${count(anchorCount)} anchors, the last for seal ${String(newest.sequence)} at ${newest.at}.`,
  );
  if (head > newest.sequence) {
    say(`No anchor vouches for the ${count(Number(head - newest.sequence))} seals after it.`);
  }
  if (gapCount > 0) {
    say(`In ${count(gapCount)} places anchors are missing: what was cut from the end before they`);
    say('begin again cannot be known from this file.');
  }
  if (unreadableCount > 0) {
    say(`${count(unreadableCount)} lines of ${file} cannot be read, as a crash leaves them.`);
  }
}

function placeOf({ sequence, recordId }: Finding): string {
  const record = recordId === undefined ? '' : ` record ${recordId}`;
  if (sequence === undefined) return recordId === undefined ? 'anchor' : `unsealed${record}`;
  return `at seal ${String(sequence)}${record && `,${record}`}`;
}

const count = (number: number): string => number.toLocaleString('en-US');

/** Of a time that may be out of the range of dates, since somebody may have written it. */
function timeOf(epochSeconds: string): string {
  const time = new Date(Number(epochSeconds) * SECOND_MS);
  return Number.isNaN(time.getTime()) ? epochSeconds : time.toISOString();
}
