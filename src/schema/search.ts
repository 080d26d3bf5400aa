import { pageCost, type PageArguments } from './connections.ts';

/** Of every argument `search` that looks for words. */
export const SEARCH =
  'Only what has these words, in the manner of search engines: `nvidia earnings` has both words, ' +
  '`"stop loss"` the phrase, `buy or sell` either of them, `buy -nvidia` the first without the second. ' +
  'Words are found in their other forms, such as `buying` for `buy`. Words that every English text ' +
  'has, such as `the` and `on`, do not count, and a search of them alone finds nothing. Chinese is ' +
  'found as it stands. At most 1,000 characters; of each text the first 50,000 are searched.';

/** A phrase is looked up in every text that has its words, which may take the database seconds. */
const SEARCH_COST = 500;

/** The price of a page: far more of one that looks for words. */
export function searchCost({
  search,
  ...page
}: PageArguments & { readonly search?: string | null | undefined }): {
  field: number;
  multiplier: number;
} {
  const { field, multiplier } = pageCost(page);
  return { field: typeof search === 'string' ? SEARCH_COST : field, multiplier };
}
