import type { Soon } from '../services/platform/soon.ts';

/**
 * A row that a foreign key promises and that is seen by whoever sees the row that points to it. If
 * it is not there, the walls contradict each other: that is a bug, and the caller learns nothing of
 * it.
 */
export function present<Row>(row: Row | null): Row {
  if (row === null) throw new Error('A row that another points to is not to be seen.');
  return row;
}

/** The same of a row that may be there at once. */
export const presentSoon = <Row>(row: Soon<Row | null>): Soon<Row> =>
  row instanceof Promise ? row.then(present) : present(row);
