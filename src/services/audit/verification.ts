import { systemViewer } from '../platform/viewer.ts';
import { checkAnchors, type AnchorReport } from './anchor-check.ts';
import type { AnchorFile } from './anchor-file.ts';
import type { Finding } from './breakage.ts';
import { readGhost, readHead, readUnsealed, type Unsealed } from './chain-rows.ts';
import { walkChain, type Walk, type WalkPorts } from './chain-walk.ts';

export interface VerificationPorts extends WalkPorts {
  readonly anchors: AnchorFile;
}

export interface Verification {
  /**
   * `INTACT`: everything is as it was sealed. `BROKEN`: something is not, see `finding`.
   * `UNANCHORED`: what is there is as it was sealed, but no anchor says whether anything was cut
   * from the end.
   */
  readonly verdict: 'INTACT' | 'BROKEN' | 'UNANCHORED';
  /** The first thing that is broken. */
  readonly finding: Finding | undefined;
  readonly checkedCount: number;
  /** Sequence of the newest link; 0 when nothing is sealed. */
  readonly head: bigint;
  readonly unsealed: Unsealed;
  readonly anchors: Omit<AnchorReport, 'finding'>;
}

/**
 * Checks the audit log against its chain, and the chain against its anchors. `workerDb` must be the
 * worker's, with time for a statement that reads the whole table. It may run while records are
 * written and sealed. Answers undefined when there is no link `from − 1` to begin with.
 */
export async function verifyAuditLog(ports: VerificationPorts): Promise<Verification | undefined> {
  const { workerDb } = ports;
  const { finding: anchorFinding, ...anchors } = await checkAnchors(ports);
  const walk = await walkChain(ports);
  if (!walk) return undefined;
  const { head, unsealed, ghost } = await workerDb.snapshot(systemViewer(), async (tx) => ({
    head: (await readHead(tx))?.sequence ?? 0n,
    unsealed: await readUnsealed(tx),
    ghost: await readGhost(tx),
  }));
  const finding = first(walk.finding, anchorFinding) ?? findUnsealed(walk, { unsealed, ghost });
  const verdict = finding ? 'BROKEN' : anchors.newest ? 'INTACT' : 'UNANCHORED';
  const { checkedCount } = walk;
  return { verdict, finding, checkedCount, head, unsealed, anchors };
}

/** Of two findings, the one that comes first in the chain; the walk knows more of the same link. */
function first(walk: Finding | undefined, anchors: Finding | undefined): Finding | undefined {
  if (!walk || anchors?.sequence === undefined) return walk ?? anchors;
  return anchors.sequence < (walk.sequence ?? 0n) ? anchors : walk;
}

interface Waiting {
  readonly unsealed: Unsealed;
  readonly ghost: string | undefined;
}

/** What is wrong with records that have no place in the chain yet. */
function findUnsealed(
  { closedUpTo }: Walk,
  { unsealed: { oldest }, ghost }: Waiting,
): Finding | undefined {
  if (ghost !== undefined) return { breakage: 'REMOVED', sequence: undefined, recordId: ghost };
  if (!oldest || Number(oldest.occurredAt) >= closedUpTo) return undefined;
  return { breakage: 'INSERTED', sequence: undefined, recordId: oldest.recordId };
}
