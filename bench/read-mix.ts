import type { PreparedRequest } from './read-client.ts';
import { MEASURE_NAMES, measureOf, type MeasureName } from './read-measures.ts';
import type { Requests } from './read-verify.ts';

/** What is put under load: a measure, or all of them in turns by their weights. */
export type LoadName = MeasureName | 'mixed';

const MIXED_LENGTH = 1_000;

export const titleOf = (name: LoadName): string =>
  name === 'mixed' ? 'mixed load' : measureOf(name).title;

/** The weights in words, for who reads the table. */
export const mixInWords = (): string =>
  MEASURE_NAMES.filter((name) => measureOf(name).weight > 0)
    .map((name) => `${measureOf(name).weight}% ${measureOf(name).title}`)
    .join(', ');

/** The requests of a load, for one reader after the other. Nothing for what a system does not answer. */
export function requestsOf(requests: Requests, name: LoadName): readonly PreparedRequest[] {
  return name === 'mixed' ? mixed(requests) : (requests.get(name) ?? []);
}

/** The same mix in every run: measures by their weights, shuffled by a fixed generator. */
function mixed(requests: Requests): PreparedRequest[] {
  const deck = MEASURE_NAMES.flatMap((name) =>
    Array.from({ length: measureOf(name).weight }, () => name),
  );
  const next = createGenerator();
  return Array.from({ length: MIXED_LENGTH }, (_, index) => {
    const name = deck[next() % deck.length];
    const ofMeasure = (name && requests.get(name)) ?? [];
    const request = ofMeasure[index % ofMeasure.length];
    if (!request) throw new Error(`The mixed load needs all of its measures: ${String(name)}.`);
    return request;
  });
}

/** Knuth's linear congruential generator: all that is asked of it is that it does not change. */
function createGenerator(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}
