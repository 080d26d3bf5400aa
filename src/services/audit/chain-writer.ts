import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import { systemViewer } from '../platform/viewer.ts';
import { encodeAnchor, makeAnchor } from './anchor.ts';
import { ChainBroken } from './breakage.ts';
import { epochText } from './canonical.ts';
import { CHAIN_START, isSame, makeSeal, type ChainPoint, type Seal } from './chain.ts';
import { readHead, readWaiting, tryToHoldChain, writeSeals } from './chain-rows.ts';
import type { Keyring } from './keyring.ts';
import { findTrustedStart, followChain, type TrustedEnd, type TrustPorts } from './trusted-end.ts';

export interface ChainWriterPorts extends TrustPorts {
  readonly clock: Clock;
  /** How many records are sealed in one transaction. */
  readonly batchSize?: number;
}

/** Adds links to the chain, and an anchor after each batch of them. One call at a time. */
export interface ChainWriter {
  /**
   * Seals what waits, at most `batchesMax` batches of it, and answers how many records that were; 0
   * when another process seals. Throws {@link ChainBroken}, and adds nothing, when the chain is not
   * what the anchors and the keys say.
   */
  write(batchesMax: number): Promise<number>;
}

interface Batch {
  readonly workerDb: Database;
  readonly keyring: Keyring;
  readonly size: number;
  readonly sealedAt: string;
}

/** What one attempt at a batch came to: another one seals, has sealed since, or this one did. */
type Attempt = 'BUSY' | 'BEHIND' | readonly Seal[];

export function createChainWriter(ports: ChainWriterPorts): ChainWriter {
  const { clock, keyring, anchors, log, workerDb, batchSize: size = 1_000 } = ports;
  let end: TrustedEnd | undefined;

  /** After the commit: an anchor of what is rolled back would accuse the database of a cut. */
  const moveTo = async (point: ChainPoint, anchored: bigint | null): Promise<TrustedEnd> => {
    end = { point, anchored };
    if (point.sequence === 0n || point.sequence === anchored) return end;
    const anchor = makeAnchor(keyring, point, { at: clock.now(), previous: anchored });
    await anchors.append(anchor);
    // Logs that leave the machine are one more place where the end of the chain is known.
    log.info({ anchor: encodeAnchor(anchor) }, 'The audit log is sealed up to here.');
    end = { point, anchored: point.sequence };
    return end;
  };

  /**
   * What another process sealed, or this one just before it fell, is checked and gets its anchor.
   */
  const catchUp = async (): Promise<TrustedEnd> => {
    const { point, anchored } = end ?? (await findTrustedStart(ports));
    return moveTo(await followChain(ports, point), anchored);
  };

  const writeBatches = async (batchesMax: number): Promise<number> => {
    let writtenCount = 0;
    let { point, anchored } = await catchUp();
    for (let batch = 0; batch < batchesMax; batch += 1) {
      const sealedAt = epochText(clock.now());
      const made = await addBatch({ workerDb, keyring, size, sealedAt }, point);
      if (made === 'BUSY') break;
      if (made === 'BEHIND') {
        ({ point, anchored } = await catchUp());
        continue;
      }
      const last = made.at(-1);
      if (!last) break;
      writtenCount += made.length;
      ({ point, anchored } = await moveTo(last, anchored));
      if (made.length < size) break;
    }
    return writtenCount;
  };

  return {
    async write(batchesMax) {
      try {
        return await writeBatches(batchesMax);
      } catch (error) {
        // Found anew the next time: whoever mends it does so outside of this process.
        if (error instanceof ChainBroken) end = undefined;
        throw error;
      }
    },
  };
}

/** One transaction: links for the records that waited longest, after the link at `point`. */
function addBatch(
  { workerDb, keyring, size, sealedAt }: Batch,
  point: ChainPoint,
): Promise<Attempt> {
  return workerDb.withViewer(systemViewer(), async (tx) => {
    if (!(await tryToHoldChain(tx))) return 'BUSY';
    const head = (await readHead(tx)) ?? CHAIN_START;
    if (head.sequence > point.sequence) return 'BEHIND';
    if (head.sequence < point.sequence || !isSame(head.seal, point.seal)) {
      const breakage = head.sequence < point.sequence ? 'TAIL_CUT' : 'RECHAINED';
      throw new ChainBroken({ breakage, sequence: point.sequence, recordId: undefined });
    }
    const seals: Seal[] = [];
    for (const record of await readWaiting(tx, size)) {
      seals.push(makeSeal(keyring, seals.at(-1) ?? head, { record, sealedAt }));
    }
    if (seals.length > 0) await writeSeals(tx, seals);
    return seals;
  });
}
