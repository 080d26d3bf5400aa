/** A column of rows to come, and how its texts are read. */
export interface Column {
  readonly name: string;
  /** Undefined where the text itself is the value. */
  readonly read: ((text: string) => unknown) | undefined;
}

/** Makes a row of its texts. */
export type RowMaker = (texts: readonly (string | null)[]) => object;

/**
 * A maker of objects with a property for each column. It is written as code, once for each statement: one
 * that knows its properties makes a row of thirty columns in the twentieth part of the time that it takes
 * to set them by their names, one after the other. Rows are plain objects, or, where there is more to the
 * table than was read, tell who looks at that.
 */
export function createRowMaker(
  columns: readonly Column[],
  unread: readonly string[] = [],
): RowMaker {
  const values = columns.map(({ name, read }, index) => {
    if (name === '__proto__') throw new Error('No column is called __proto__.');
    const text = `texts[${String(index)}]`;
    const value = read ? `${text} === null ? null : readers[${String(index)}](${text})` : text;
    return [JSON.stringify(name), value] as const;
  });
  const body =
    unread.length === 0
      ? `return (texts) => ({ ${values.map((pair) => pair.join(': ')).join(', ')} });`
      : `function Row(texts) { ${values.map(([name, value]) => `this[${name}] = ${value};`).join(' ')} }
Row.prototype = unread;
return (texts) => new Row(texts);`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- Names of columns are all that comes into it, each as a text of JSON.
  const compile = new Function('readers', 'unread', body) as (
    readers: readonly Column['read'][],
    unread: object,
  ) => RowMaker;
  return compile(
    columns.map(({ read }) => read),
    unreadOf(unread),
  );
}

function unreadOf(names: readonly string[]): object {
  const properties = names.map((name) => {
    const get = (): never => {
      throw new Error(`${name} was not read.`);
    };
    return [name, { get }] as const;
  });
  return Object.create(Object.prototype, Object.fromEntries(properties)) as object;
}
