/** Names of fields of a model. Whoever reads the same ones gives the same list. */
export type Fields = readonly string[];

/** The place of a row in a list that is ordered by a value and, where values are equal, by id. */
export interface PageKey {
  readonly value: Date | string;
  readonly id: string;
}

/** What part of a list is asked for. Rows between `after` and `before`, both left out of it. */
export interface PageRequest {
  /** How many rows at most, from 1 on. */
  readonly limit: number;
  /** Whether the rows are taken from the end of the list; they keep the list's order. */
  readonly isBackward: boolean;
  readonly after?: PageKey;
  readonly before?: PageKey;
  /** What of its rows is read; all of it if that is left out. */
  readonly fields?: Fields | undefined;
}

export interface Page<Row> {
  /** In the list's order, and never more than the request's limit. */
  readonly rows: readonly Row[];
  /** Whether there are rows past these in the direction of the request. */
  readonly hasMore: boolean;
}
