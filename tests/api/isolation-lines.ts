import { FIELD_TABLE } from './isolation-field-table.ts';
import { CALLERS, ROOT_TABLE, type Caller } from './isolation-table.ts';

export type Audience = 'admin' | 'caller' | 'everyone' | 'market' | 'owner' | 'readers' | 'self';

export interface RootLine {
  /** Such as `Query.node`. */
  readonly place: string;
  readonly fieldName: string;
  /** Name of the owner's thing that is asked about; undefined for none. */
  readonly thing: string | undefined;
  /** `Query.node of account`, for the names of tests. */
  readonly title: string;
  readonly outcomes: Readonly<Record<Caller, string>>;
}

export function readRootTable(): RootLine[] {
  const [, ...lines] = linesOf(ROOT_TABLE);
  return lines.map((line) => {
    const [place = '', subject = '', ...columns] = line.split(/[\s|]+/);
    if (columns.length !== CALLERS.length) throw new Error(`Not a column for each caller: ${line}`);
    const outcomes = Object.fromEntries(CALLERS.map((caller, at) => [caller, columns[at]]));
    const thing = subject === '-' ? undefined : subject;
    return {
      place,
      fieldName: place.split('.')[1] ?? '',
      thing,
      title: thing === undefined ? place : `${place} of ${thing}`,
      outcomes: outcomes as RootLine['outcomes'],
    };
  });
}

/** `Model.prompt` → `owner`. Throws for a field that has two lines. */
export function readFieldTable(): Map<string, Audience> {
  const audiences = new Map<string, Audience>();
  // A line goes on where the next one is indented.
  for (const line of linesOf(FIELD_TABLE.replaceAll(/\n +/g, ' '))) {
    const [, typeName = '', audience, names = ''] = /^(\w+) (\w+):\s+(.*)$/.exec(line) ?? [];
    for (const name of names.split(/\s+/)) {
      const place = `${typeName}.${name}`;
      if (audiences.has(place)) throw new Error(`${place} has two lines.`);
      audiences.set(place, audience as Audience);
    }
  }
  return audiences;
}

function linesOf(table: string): string[] {
  return table.split('\n').filter((line) => line.trim() !== '');
}
