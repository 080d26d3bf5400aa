import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import { systemViewer } from '../platform/viewer.ts';
import type { AnchorFile } from './anchor-file.ts';
import { isGenuine, type Anchor } from './anchor.ts';
import { ChainBroken } from './breakage.ts';
import { CHAIN_START, follows, toHex, type ChainPoint } from './chain.ts';
import { readHead, readPoints, readSeals } from './chain-rows.ts';
import type { Keyring } from './keyring.ts';

/** The end of the chain, as this process knows it to be ours. */
export interface TrustedEnd {
  readonly point: ChainPoint;
  /** Sequence of the last anchor; null when the chain has links and no anchor of them is left. */
  readonly anchored: bigint | null;
}

export interface TrustPorts {
  readonly workerDb: Database;
  readonly keyring: Keyring;
  readonly anchors: AnchorFile;
  readonly log: Logger;
}

const SEALS_AT_ONCE = 5_000;

/**
 * Where trust begins after a start: at the newest anchor, if the chain still has that link, and
 * else at its first link. Throws {@link ChainBroken} when the anchor knows a link that is not
 * there.
 */
export async function findTrustedStart(ports: TrustPorts): Promise<TrustedEnd> {
  const { workerDb, log } = ports;
  const anchor = await newestAnchor(ports);
  if (anchor) {
    const { sequence, seal } = anchor;
    const [point] = await workerDb.snapshot(systemViewer(), (tx) => readPoints(tx, [sequence]));
    if (point && toHex(point.seal) === seal) return { point, anchored: sequence };
    const breakage = point ? 'RECHAINED' : 'TAIL_CUT';
    throw new ChainBroken({ breakage, sequence, recordId: undefined });
  }
  const head = await workerDb.snapshot(systemViewer(), readHead);
  if (!head) return { point: CHAIN_START, anchored: 0n };
  log.warn(
    { sealed: String(head.sequence) },
    'No anchor of the audit log is left: what was cut from its end before now cannot be known.',
  );
  return { point: CHAIN_START, anchored: null };
}

/**
 * Walks the links past `point` and answers the last. Throws {@link ChainBroken} at one that was not
 * made with our keys: an anchor must not vouch for it, nor a further link stand on it.
 */
export async function followChain(
  { workerDb, keyring }: Pick<TrustPorts, 'workerDb' | 'keyring'>,
  point: ChainPoint,
): Promise<ChainPoint> {
  let last = point;
  for (;;) {
    const { sequence: after } = last;
    const seals = await workerDb.snapshot(systemViewer(), (tx) =>
      readSeals(tx, after, SEALS_AT_ONCE),
    );
    for (const seal of seals) {
      if (!follows(keyring, last, seal)) {
        const { sequence, recordId } = seal;
        throw new ChainBroken({ breakage: 'RECHAINED', sequence, recordId });
      }
      last = seal;
    }
    if (seals.length < SEALS_AT_ONCE) return last;
  }
}

/** Of several processes that write to one file, an older one may come last. */
async function newestAnchor({ anchors, keyring, log }: TrustPorts): Promise<Anchor | undefined> {
  let newest: Anchor | undefined;
  for (const { anchor } of (await anchors.tail()) ?? []) {
    if (!anchor) continue;
    if (!isGenuine(keyring, anchor)) {
      log.warn({}, 'An anchor of the audit log was not written with our keys, and is passed over.');
    } else if (!newest || anchor.sequence > newest.sequence) {
      newest = anchor;
    }
  }
  return newest;
}
