/** Of every argument `search` that looks for words. */
export const SEARCH =
  'Only what has these words, in the manner of search engines: `nvidia earnings` has both words, ' +
  '`"stop loss"` the phrase, `buy or sell` either of them, `buy -nvidia` the first without the second. ' +
  'Words are found in their other forms, such as `buying` for `buy`. Words that every English text ' +
  'has, such as `the` and `on`, do not count, and a search of them alone finds nothing. Chinese is ' +
  'found as it stands. At most 1,000 characters; of each text the first 50,000 are searched.';
