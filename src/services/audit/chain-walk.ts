import type { Database } from '../platform/database.ts';
import { systemViewer } from '../platform/viewer.ts';
import type { Breakage, Finding } from './breakage.ts';
import { CHAIN_START, checkLink, follows, type ChainPoint, type Link, type Seal } from './chain.ts';
import { readHead, readLinks, readPoints, readSeals } from './chain-rows.ts';
import type { Keyring } from './keyring.ts';

export interface WalkPorts {
  readonly workerDb: Database;
  readonly keyring: Keyring;
  /** Sequence of the first link to check, from 1; the seal before it is taken as it is. */
  readonly from: bigint;
  /** Told after each batch. */
  readonly onProgress?: (checked: { readonly count: number; readonly total: number }) => void;
}

export interface Walk {
  /** Links that were checked and are as they were made. */
  readonly checkedCount: number;
  readonly finding: Finding | undefined;
  /** No record from before this time, in seconds since 1970, should turn up any more. */
  readonly closedUpTo: number;
}

/** The records of a transaction are sealed after its commit; none of ours takes longer. */
const LATEST_COMMIT_SECONDS = 2 * 60 * 60;
const LINKS_AT_ONCE = 5_000;

/**
 * Checks each link and its record, from `from` to the end that the chain has now, and stops at the
 * first that is broken. Reads in batches: the length of the chain does not show in the memory.
 * Answers undefined when there is no link to begin with.
 */
export async function walkChain(ports: WalkPorts): Promise<Walk | undefined> {
  const { workerDb, keyring, from, onProgress } = ports;
  const start = await findStart(ports);
  if (!start) return undefined;
  const head = (await workerDb.snapshot(systemViewer(), readHead))?.sequence ?? 0n;
  const total = Number(head - start.sequence);
  let previous = start;
  let [checkedCount, closedUpTo] = [0, 0];
  // Nobody has said yet that no link stands before the first.
  const after = from === 1n ? undefined : start.sequence;
  for await (const links of readBatches(workerDb, { after, head })) {
    for (const link of links) {
      const breakage = checkLink(keyring, previous, link) ?? checkTime(link, closedUpTo);
      if (breakage) {
        const finding = await explain(ports, { previous, link, breakage });
        return { checkedCount, finding, closedUpTo };
      }
      closedUpTo = Math.max(closedUpTo, closingTime(link));
      checkedCount += 1;
      previous = link.seal;
    }
    onProgress?.({ count: checkedCount, total });
  }
  return { checkedCount, finding: undefined, closedUpTo };
}

interface Stretch {
  /** Undefined for everything that there is. */
  readonly after: bigint | undefined;
  readonly head: bigint;
}

/** Batches of links up to `head`; the database reads one while the one before it is checked. */
async function* readBatches(workerDb: Database, { after, head }: Stretch): AsyncGenerator<Link[]> {
  const read = (place: bigint | undefined): Promise<Link[]> | undefined => {
    if (place !== undefined && place >= head) return undefined;
    const links = workerDb.snapshot(systemViewer(), (tx) =>
      readLinks(tx, { after: place, limit: LINKS_AT_ONCE }),
    );
    // Heard when its turn comes; unheard until then, it must not end the process.
    links.catch(() => undefined);
    return links;
  };
  let next = read(after);
  try {
    while (next) {
      const links = await next;
      const last = links.length < LINKS_AT_ONCE ? undefined : links.at(-1);
      next = last && read(last.seal.sequence);
      yield links;
    }
  } finally {
    // Whoever stops half way may close the database next: not under a batch that is on its way.
    await next?.catch(() => undefined);
  }
}

async function findStart({ workerDb, from }: WalkPorts): Promise<ChainPoint | undefined> {
  if (from === 1n) return CHAIN_START;
  const [point] = await workerDb.snapshot(systemViewer(), (tx) => readPoints(tx, [from - 1n]));
  return point;
}

/**
 * Records come in the order of their commits, so a little out of the order of their times. One that
 * claims to be hours older than those sealed before it was written later than it says.
 */
function checkTime({ record }: Link, closedUpTo: number): Breakage | undefined {
  return record && Number(record.occurredAt) < closedUpTo ? 'INSERTED' : undefined;
}

/**
 * A clock that was ahead must not make every later record look old: no time counts past the seal's.
 */
function closingTime({ seal, record }: Link): number {
  const occurredAt = Number(record?.occurredAt ?? 0);
  return Math.min(occurredAt, Number(seal.sealedAt)) - LATEST_COMMIT_SECONDS;
}

interface Broken {
  readonly previous: ChainPoint;
  readonly link: Link;
  readonly breakage: Breakage;
}

async function explain(ports: WalkPorts, { previous, link, breakage }: Broken): Promise<Finding> {
  const { sequence, recordId } = link.seal;
  if (breakage === 'SEAL_REMOVED') {
    return { breakage, sequence: previous.sequence + 1n, recordId: undefined };
  }
  if (breakage !== 'RECHAINED') return { breakage, sequence, recordId };
  return { breakage: await findDisplaced(ports, previous), sequence, recordId };
}

/**
 * The link that does not follow `previous` may have taken the place of one that does. If that one
 * stands further on, it was moved; and if what comes after it was moved with it, something was put
 * in.
 */
async function findDisplaced(
  { workerDb, keyring }: WalkPorts,
  previous: ChainPoint,
): Promise<Breakage> {
  const place = previous.sequence + 1n;
  const isNext = (before: ChainPoint, seal: Seal) =>
    follows(keyring, before, { ...seal, sequence: before.sequence + 1n });
  let after = place;
  for (;;) {
    const from = after;
    const seals = await workerDb.snapshot(systemViewer(), (tx) =>
      readSeals(tx, from, LINKS_AT_ONCE),
    );
    const index = seals.findIndex((seal) => isNext(previous, seal));
    const [found, next] = index < 0 ? [] : seals.slice(index, index + 2);
    if (found) {
      const moved = { ...found, sequence: place };
      const isShifted = found.sequence === place + 1n && (!next || isNext(moved, next));
      return isShifted ? 'INSERTED' : 'REORDERED';
    }
    const last = seals.at(-1);
    if (!last || seals.length < LINKS_AT_ONCE) return 'RECHAINED';
    after = last.sequence;
  }
}
