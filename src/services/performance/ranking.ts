import type { Decimal } from '../platform/money.ts';

export interface Scored {
  /** Undefined where the metric is not defined. */
  readonly score: Decimal | undefined;
  readonly sampleSize: number;
  /** Orders what is equal, so that a board looks the same twice. */
  readonly name: string;
}

export interface Ranked<T> {
  /** Null for what is listed without a rank. */
  readonly rank: number | null;
  readonly entry: T;
}

/**
 * Puts entries in order, the highest score first, with their ranks: equal scores share one and the
 * next is as far down as if they did not (1, 2, 2, 4). What has a smaller sample than
 * `minimumSample`, or no score, follows without a rank.
 */
export function rank<T extends Scored>(
  entries: readonly T[],
  minimumSample: number,
): readonly Ranked<T>[] {
  const isRanked = ({ score, sampleSize }: T) => score !== undefined && sampleSize >= minimumSample;
  const ranked = entries.filter(isRanked).sort(byScore);
  const unranked = entries.filter((entry) => !isRanked(entry)).sort(byScore);
  const firstOf = new Map<string, number>();
  return [
    ...ranked.map((entry, index) => {
      const score = entry.score?.toFixed() ?? '';
      if (!firstOf.has(score)) firstOf.set(score, index + 1);
      return { rank: firstOf.get(score) ?? null, entry };
    }),
    ...unranked.map((entry) => ({ rank: null, entry })),
  ];
}

function byScore(a: Scored, b: Scored): number {
  if (a.score && b.score) return b.score.comparedTo(a.score) || compareNames(a, b);
  if (!a.score && !b.score) return compareNames(a, b);
  return a.score ? -1 : 1;
}

function compareNames(a: Scored, b: Scored): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
