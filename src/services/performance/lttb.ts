/** A line to draw: ascending `x`, and as many `y`. */
export interface Series {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** The ends of a line; nothing is left of one with fewer points. */
export const PICKS_MIN = 2;

/**
 * Indices of `count` points that keep the shape of the line, ascending: all of them when there are
 * no more. Largest triangle three buckets (Sveinn Steinarsson, "Downsampling Time Series for Visual
 * Representation", University of Iceland, 2013, 4.2): the first and the last point, and between
 * them one of each bucket of equal size, the one that makes the largest triangle with the pick
 * before and the mean of the bucket after it.
 *
 * Besides, what is not in the paper: from 4 picks on, the lowest and the highest value are among
 * them. Their buckets pick them; where one bucket has both, the other takes the place of a
 * neighbour.
 *
 * Throws for a count that is no whole number from {@link PICKS_MIN} on, and for values that are not
 * finite or not in order: they could not be compared.
 */
export function pickPoints({ x, y }: Series, count: number): Uint32Array {
  if (!Number.isInteger(count) || count < PICKS_MIN) {
    throw new Error(`${String(count)} points are no line.`);
  }
  refuseUnordered(x, y);
  if (y.length <= count) return Uint32Array.from(y, (_value, index) => index);
  const extremes = count < 4 ? [] : extremesOf(y);
  const picks = pickByTriangles({ x, y }, count, extremes);
  for (const extreme of extremes) {
    if (!picks.includes(extreme)) giveWay(picks, extreme, extremes);
  }
  return picks;
}

function refuseUnordered(x: Float64Array, y: Float64Array): void {
  if (x.length !== y.length) throw new Error('Each x needs its y.');
  for (let index = 0; index < x.length; index += 1) {
    const isOrdered = index === 0 || at(x, index - 1) <= at(x, index);
    if (!isOrdered || !Number.isFinite(at(x, index)) || !Number.isFinite(at(y, index))) {
      throw new Error(`Point ${String(index)} is not finite, or before the one before it.`);
    }
  }
}

/** Indices of the lowest and the highest value, if no end of the line has them. */
function extremesOf(y: Float64Array): number[] {
  let [lowest, highest] = [y.length - 1, y.length - 1];
  for (let index = y.length - 1; index >= 0; index -= 1) {
    if (at(y, index) < at(y, lowest)) lowest = index;
    if (at(y, index) > at(y, highest)) highest = index;
  }
  const ends = [at(y, 0), at(y, y.length - 1)];
  return [lowest, highest].filter((index) => !ends.includes(at(y, index)));
}

function pickByTriangles(
  { x, y }: Series,
  count: number,
  extremes: readonly number[],
): Uint32Array {
  const size = (y.length - 2) / (count - 2);
  const picks = new Uint32Array(count);
  picks[count - 1] = y.length - 1;
  let pick = 0;
  for (let bucket = 0; bucket < count - 2; bucket += 1) {
    const start = Math.floor(bucket * size) + 1;
    const end = Math.floor((bucket + 1) * size) + 1;
    const mean = meanOf({ x, y }, end, Math.min(Math.floor((bucket + 2) * size) + 1, y.length));
    const forced = extremes.find((extreme) => extreme >= start && extreme < end);
    pick = forced ?? largestTriangle({ x, y }, { pick, start, end, mean });
    picks[bucket + 1] = pick;
  }
  return picks;
}

function meanOf({ x, y }: Series, start: number, end: number): { x: number; y: number } {
  let [sumX, sumY] = [0, 0];
  for (let index = start; index < end; index += 1) {
    sumX += at(x, index);
    sumY += at(y, index);
  }
  return { x: sumX / (end - start), y: sumY / (end - start) };
}

interface Bucket {
  /** Picked before it. */
  readonly pick: number;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Of the bucket after it. */
  readonly mean: { readonly x: number; readonly y: number };
}

function largestTriangle({ x, y }: Series, { pick, start, end, mean }: Bucket): number {
  const [leftX, leftY] = [at(x, pick), at(y, pick)];
  const [toMeanX, toMeanY] = [leftX - mean.x, mean.y - leftY];
  let [best, bestArea] = [start, -1];
  for (let index = start; index < end; index += 1) {
    // Twice the area, which compares alike.
    const area = Math.abs(toMeanX * (at(y, index) - leftY) - (leftX - at(x, index)) * toMeanY);
    if (area > bestArea) [best, bestArea] = [index, area];
  }
  return best;
}

/** Puts `extreme` in the place of the nearest pick that is no end and no extreme itself. */
function giveWay(picks: Uint32Array, extreme: number, extremes: readonly number[]): void {
  let place = -1;
  for (let index = 1; index < picks.length - 1; index += 1) {
    if (extremes.includes(at(picks, index))) continue;
    const isNearer = Math.abs(at(picks, index) - extreme) < Math.abs(at(picks, place) - extreme);
    if (place === -1 || isNearer) place = index;
  }
  picks[place] = extreme;
  picks.sort();
}

/** The loops stay within their arrays; a NaN would show if one did not. */
function at(values: Float64Array | Uint32Array, index: number): number {
  return values[index] ?? NaN;
}
