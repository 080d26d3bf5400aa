import {
  getNamedType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import type { Answer } from './graph.ts';

/** A place to begin: a root field with its arguments, and the type of what it gives. */
export interface Root {
  /** Such as `node(id: "…")`, or a root field and what lies beneath: `["viewer", "user"]`. */
  readonly chain: readonly string[];
  readonly typeName: string;
}

/** A field of an object that was asked for, and what came. */
export interface Sight {
  /** The way there, such as `model(id: "…") log nodes`. */
  readonly path: string;
  readonly typeName: string;
  readonly fieldName: string;
  /** Global id of the object, where it has one. */
  readonly id: string | undefined;
  readonly value: unknown;
}

export interface WalkOptions {
  readonly schema: GraphQLSchema;
  readonly roots: readonly Root[];
  readonly ask: (document: string) => Promise<Answer>;
  /** Arguments of fields that need some: `Viewer.account` → `(id: "…")`, one for each way to ask. */
  readonly args: Readonly<Record<string, readonly string[]>>;
  /** Whether each field is followed once in all, and not once on each way to its object. */
  readonly isBrief?: boolean;
}

/** A walk waits for the database half of its time. */
const WALKS_AT_ONCE = 4;

type Row = Readonly<Record<string, unknown>>;

/**
 * Reads all that can be reached from the roots: every field of every object, and from there on to every
 * object that it points to, through no type twice on one way. What an error leaves out is asked for
 * field by field, so that one field that is refused hides no other.
 */
export async function walk({ schema, roots, ask, args, isBrief = false }: WalkOptions) {
  const sights: Sight[] = [];
  const followed = new Set<string>();

  const read = async (chain: readonly string[], fields: readonly string[]): Promise<Row[]> => {
    const { data, errors } = await ask(documentOf(chain, ['__typename', ...fields]));
    if (!errors || fields.length === 0) return rowsAt(data, chain);
    const reached = await read(chain, []);
    const parts: Row[][] = [];
    for (const field of reached.length > 0 ? fields : []) {
      const { data: part } = await ask(documentOf(chain, ['__typename', field]));
      parts.push(rowsAt(part, chain));
    }
    return reached.map(
      (row, at) => Object.assign({}, row, ...parts.map((rows) => rows[at])) as Row,
    );
  };

  const visit = async (
    type: GraphQLObjectType,
    chain: readonly string[],
    above: readonly string[],
  ): Promise<void> => {
    const fields = Object.values(type.getFields());
    const waysOf = ({ name, ...field }: Field): readonly string[] => {
      const place = `${type.name}.${name}`;
      return (args[place] ?? [argumentsOf(place, field)]).map((given) => `${name}${given}`);
    };
    const rows = await read(
      chain,
      fields.map((field) => `${String(waysOf(field)[0])}${isLeaf(field) ? '' : ' { __typename }'}`),
    );
    for (const row of rows) {
      for (const { name: fieldName } of fields) {
        const id = typeof row['id'] === 'string' ? row['id'] : undefined;
        const sight = { path: chain.join(' '), typeName: type.name, fieldName, id };
        sights.push({ ...sight, value: row[fieldName] });
      }
    }
    for (const field of fields) {
      const next = getNamedType(field.type);
      const place = `${type.name}.${field.name}`;
      const isNew = isObjectType(next) && !above.includes(next.name);
      if (!isNew || (isBrief && followed.has(place))) continue;
      for (const way of waysOf(field)) {
        const isThere = rows.some((row) => isRow(row[field.name])) || waysOf(field).length > 1;
        if (!isThere) continue;
        followed.add(place);
        await visit(next, [...chain, way], [...above, next.name]);
      }
    }
  };

  const left = [...roots];
  const begin = async (): Promise<void> => {
    for (let root = left.shift(); root; root = left.shift()) {
      const type = schema.getType(root.typeName);
      if (!isObjectType(type)) throw new Error(`There is no object type ${root.typeName}.`);
      await visit(type, root.chain, [root.typeName]);
    }
  };
  // One after another, what is followed once is the same each time.
  await Promise.all(Array.from({ length: isBrief ? 1 : WALKS_AT_ONCE }, begin));
  return sights;
}

type Field = GraphQLField<unknown, unknown>;

const isLeaf = ({ type }: Field): boolean => isLeafType(getNamedType(type));

/** Long lists whole; a field that needs more must be told how to ask. */
function argumentsOf(place: string, { args }: Pick<Field, 'args'>): string {
  if (args.some(isRequiredArgument))
    throw new Error(`Say with which arguments to ask for ${place}.`);
  return args.some(({ name }) => name === 'first') ? '(first: 100)' : '';
}

function documentOf(chain: readonly string[], fields: readonly string[]): string {
  return `{ ${chain.join(' { ')} { ${fields.join(' ')} }${' }'.repeat(chain.length)}`;
}

/** The objects at the end of the chain; those that are null are left out. */
function rowsAt(data: unknown, chain: readonly string[]): Row[] {
  const names = chain
    .filter((step) => !step.startsWith('...'))
    .map((step) => step.split('(', 1)[0] ?? step);
  let level: unknown[] = [data];
  for (const name of names) {
    level = level.flatMap((row) => (isRow(row) ? [row[name]].flat() : []));
  }
  return level.filter(isRow);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}
