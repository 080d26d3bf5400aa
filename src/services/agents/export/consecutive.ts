export interface Group<Row> {
  readonly first: Row;
  /**
   * All rows of the group, the first one too. Read to its end before the next group is asked for.
   */
  readonly all: AsyncIterable<Row>;
}

/**
 * Rows that follow one another and belong together, as groups, without holding more than one row.
 */
export async function* consecutive<Row>(
  rows: AsyncIterator<Row> & AsyncIterable<Row>,
  isSame: (a: Row, b: Row) => boolean,
): AsyncGenerator<Group<Row>> {
  let next = await rows.next();
  while (next.done !== true) {
    const first: Row = next.value;
    const all = async function* (): AsyncGenerator<Row> {
      while (next.done !== true && isSame(first, next.value)) {
        yield next.value;
        next = await rows.next();
      }
    };
    yield { first, all: all() };
  }
}
