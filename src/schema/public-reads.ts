/** What of the public data changes by itself; the database tells of each by this name. */
export type PublicSource = 'bars' | 'equity' | 'instruments' | 'models';

export interface PublicRoot {
  /** What an answer is made of: it ends with a change of any of them. */
  readonly sources: readonly PublicSource[];
  /** Whether what it says depends on the time that it is asked at, too. */
  readonly isOfTheMoment: boolean;
}

/**
 * Roots whose answers may be kept and given to everyone who may see them, where all that is selected is
 * in {@link PUBLIC_FIELDS}. See docs/decisions, "public reads are kept".
 */
export const PUBLIC_ROOTS: Readonly<Record<string, PublicRoot>> = {
  // Each bar is known from a time on, and one that is not over is known in part.
  bars: { sources: ['bars', 'instruments'], isOfTheMoment: true },
  instrument: { sources: ['instruments'], isOfTheMoment: false },
  instruments: { sources: ['instruments'], isOfTheMoment: false },
  // It ends now, its window slides, and it tells which prices are old.
  leaderboard: {
    sources: ['bars', 'equity', 'instruments', 'models'],
    isOfTheMoment: true,
  },
};

const PAGE = ['edges', 'nodes', 'pageInfo', 'totalCount'];
const EDGE = ['cursor', 'node'];

/**
 * Fields that are the same whoever asks, of types that are there for everyone or for who may see market
 * data; and of a model what everyone sees, where it is on a board, which lists public ones alone. Not
 * here: hours of trading and quotes, which change without a word; what is an owner's.
 */
export const PUBLIC_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Bar: [
    ...['interval', 'openTime', 'closeTime', 'knownAt', 'open', 'high', 'low', 'close', 'volume'],
    'source',
  ],
  BarConnection: PAGE,
  BarEdge: EDGE,
  Instrument: [
    ...['id', 'symbol', 'name', 'assetClass', 'currency', 'zone', 'tickSize', 'lotSize'],
    ...['isTradable', 'source', 'feeBps', 'feePerUnit', 'feeMinimum', 'calendar', 'createdAt'],
  ],
  InstrumentConnection: PAGE,
  InstrumentEdge: EDGE,
  Leaderboard: [
    ...['metric', 'window', 'asOf', 'computedAt', 'minimumSample', 'benchmark', 'entries'],
  ],
  LeaderboardBenchmark: ['symbol', 'return', 'maxDrawdown', 'from', 'to'],
  LeaderboardEntry: [
    ...['rank', 'modelName', 'version', 'currency', 'startingEquity', 'baseEquity', 'equity'],
    ...['return', 'maxDrawdown', 'confidenceLow', 'confidenceHigh', 'sampleSize', 'corrections'],
    ...['isStale', 'model'],
  ],
  LeaderboardEntryConnection: PAGE,
  LeaderboardEntryEdge: EDGE,
  Model: [
    ...['id', 'name', 'trader', 'provider', 'modelName', 'universe', 'startingCash', 'currency'],
    ...['version', 'createdAt'],
  ],
  PageInfo: ['endCursor', 'hasNextPage', 'hasPreviousPage', 'startCursor'],
};

/** Mutations that change what public answers are made of; what they wrote is read by the next request. */
export const PUBLIC_WRITES: readonly string[] = [
  ...['createModel', 'updateModel', 'startModel', 'stopModel'],
  ...['createAccount', 'updateAccount', 'resetAccount', 'closeAccount'],
  ...['announceCorporateAction', 'deleteUser', 'disableUser', 'enableUser'],
];
