import type { Database } from '../platform/database.ts';
import { systemViewer } from '../platform/viewer.ts';
import type { AnchorFile } from './anchor-file.ts';
import { isGenuine, type Anchor } from './anchor.ts';
import type { Finding } from './breakage.ts';
import { toHex } from './chain.ts';
import { readHead, readPoints } from './chain-rows.ts';
import type { Keyring } from './keyring.ts';

/** What the file of anchors says about the chain. */
export interface AnchorReport {
  /** Those that were written with our keys. */
  readonly count: number;
  /** Up to here, the chain is vouched for. */
  readonly newest: Pick<Anchor, 'sequence' | 'at'> | undefined;
  /** Lines that a crash cut short, or that somebody else wrote. */
  readonly unreadableCount: number;
  /** Anchors that name one before them which the file does not have. */
  readonly gapCount: number;
  /** The first thing, by sequence, in which the chain is not what an anchor says. */
  readonly finding: Finding | undefined;
}

export interface AnchorCheckPorts {
  readonly workerDb: Database;
  readonly keyring: Keyring;
  readonly anchors: AnchorFile;
  /** Anchors of links before it are not compared. */
  readonly from: bigint;
}

const ANCHORS_AT_ONCE = 1_000;

/**
 * Compares every anchor with the link that it names. An anchor is written after the commit of its
 * link, and read here before the table is: one that names no link is never merely early.
 */
export async function checkAnchors(ports: AnchorCheckPorts): Promise<AnchorReport> {
  const tally = createTally();
  let waiting: Anchor[] = [];
  const flush = async () => {
    for (const finding of await compare(ports.workerDb, waiting)) tally.find(finding);
    waiting = [];
  };
  for await (const { anchor } of ports.anchors.lines()) {
    if (!anchor) {
      tally.unreadable();
    } else if (!isGenuine(ports.keyring, anchor)) {
      tally.forged();
    } else {
      tally.genuine(anchor);
      if (anchor.sequence >= ports.from) waiting.push(anchor);
      if (waiting.length === ANCHORS_AT_ONCE) await flush();
    }
  }
  await flush();
  return tally.report();
}

async function compare(workerDb: Database, anchors: readonly Anchor[]): Promise<Finding[]> {
  if (anchors.length === 0) return [];
  const sequences = anchors.map(({ sequence }) => sequence);
  const { points, head } = await workerDb.snapshot(systemViewer(), async (tx) => ({
    points: await readPoints(tx, sequences),
    head: (await readHead(tx))?.sequence ?? 0n,
  }));
  const seals = new Map(points.map(({ sequence, seal }) => [sequence, toHex(seal)]));
  return anchors.flatMap(({ sequence, seal }): Finding[] => {
    const found = seals.get(sequence);
    if (found === seal) return [];
    if (found !== undefined) return [{ breakage: 'RECHAINED', sequence, recordId: undefined }];
    if (sequence < head) return [{ breakage: 'SEAL_REMOVED', sequence, recordId: undefined }];
    return [{ breakage: 'TAIL_CUT', sequence: head + 1n, recordId: undefined }];
  });
}

function createTally() {
  let [count, unreadableCount, gapCount] = [0, 0, 0];
  let isForged = false;
  let newest: Anchor | undefined;
  let first: Finding | undefined;
  return {
    unreadable: () => void (unreadableCount += 1),
    forged: () => void (isForged = true),
    genuine(anchor: Anchor) {
      count += 1;
      const { previous, sequence } = anchor;
      if (previous === null || previous > (newest?.sequence ?? 0n)) gapCount += 1;
      if (!newest || sequence > newest.sequence) newest = anchor;
    },
    find(finding: Finding) {
      const isEarlier = (finding.sequence ?? 0n) < (first?.sequence ?? 0n);
      if (!first || isEarlier) first = finding;
    },
    report(): AnchorReport {
      const forged: Finding | undefined = isForged
        ? { breakage: 'ANCHOR_FORGED', sequence: undefined, recordId: undefined }
        : undefined;
      const end = newest && { sequence: newest.sequence, at: newest.at };
      return { count, newest: end, unreadableCount, gapCount, finding: first ?? forged };
    },
  };
}
