/** What is wrong with the chain, or with what stands beside it. */
export type Breakage =
  | 'ALTERED'
  | 'REMOVED'
  | 'INSERTED'
  | 'REORDERED'
  | 'RECHAINED'
  | 'SEAL_REMOVED'
  | 'TAIL_CUT'
  | 'UNKNOWN_KEY'
  | 'UNKNOWN_FORM'
  | 'ANCHOR_FORGED';

/** The same in words. */
export const BREAKAGES: Readonly<Record<Breakage, string>> = {
  ALTERED: 'the record is not what was sealed',
  REMOVED: 'the record is gone',
  INSERTED: 'it was put between those that were there',
  REORDERED: 'another link stands in its place',
  RECHAINED: 'its seal was not made with the key it names over the seal before it',
  SEAL_REMOVED: 'its seal is gone',
  TAIL_CUT: 'the chain ends before it, and an anchor knows it',
  UNKNOWN_KEY: 'AUDIT_KEYS does not have the key it names',
  UNKNOWN_FORM: 'it has a form that this version does not know',
  ANCHOR_FORGED: 'a line of the file of anchors was not written with our keys',
};

/** One thing that is broken. */
export interface Finding {
  readonly breakage: Breakage;
  /** Place in the chain; undefined for what has none. */
  readonly sequence: bigint | undefined;
  /** Of the record, as far as it is known. */
  readonly recordId: string | undefined;
}

/** The chain is not what it was, or not what the anchors say: nothing may be added to it. */
export class ChainBroken extends Error {
  override readonly name = 'ChainBroken';
  readonly finding: Finding;

  constructor(finding: Finding) {
    const { breakage, sequence } = finding;
    super(`The audit log is broken at seal ${String(sequence)}: ${BREAKAGES[breakage]}.`);
    this.finding = finding;
  }
}
