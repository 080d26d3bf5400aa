import type { Fields } from './page.ts';
import { getDatamodel } from './pothos-types.ts';
import type { Prisma } from './prisma/client.ts';
import { OMIT } from './unreadable-columns.ts';

const MODELS = getDatamodel().datamodel.models as Readonly<
  Record<string, { readonly fields: readonly Field[] }>
>;

interface Field {
  readonly name: string;
  readonly kind: string;
  readonly isList: boolean;
}

const known = new Map<string, string>();

/**
 * What a statement past Prisma selects to have rows of a model as Prisma has them: all columns that the
 * program may read, by the names of their fields. `of` is what the table goes by in it.
 */
export function columnsOf(model: Prisma.ModelName, of = ''): string {
  const key = `${model} ${of}`;
  const columns = known.get(key) ?? textOf(readableOf(model), of === '' ? '' : `${of}.`);
  known.set(key, columns);
  return columns;
}

/** What a statement selects of its rows, and which of their fields it does not. */
export interface Selection {
  readonly columns: string;
  readonly unread: readonly string[];
}

/** A maker of selections of a model's rows: of some fields, or of all that the program may read. */
export function selectionOf(model: Prisma.ModelName): (fields?: Fields) => Selection {
  const all = { columns: columnsOf(model), unread: [] };
  const selections = new WeakMap<Fields, Selection>();
  return (fields) => {
    if (!fields) return all;
    const made = selections.get(fields);
    if (made) return made;
    const isRead = ({ name }: Field): boolean => fields.includes(name);
    const [read, unread] = [
      readableOf(model).filter(isRead),
      readableOf(model).filter(not(isRead)),
    ];
    const selection = { columns: textOf(read, ''), unread: unread.map(({ name }) => name) };
    selections.set(fields, selection);
    return selection;
  };
}

const not =
  (holds: (field: Field) => boolean) =>
  (field: Field): boolean =>
    !holds(field);

function readableOf(model: Prisma.ModelName): readonly Field[] {
  const name = `${model.charAt(0).toLowerCase()}${model.slice(1)}`;
  const omitted: object = (OMIT as Readonly<Record<string, object>>)[name] ?? {};
  return (MODELS[model]?.fields ?? []).filter(
    (field) => field.kind !== 'object' && !(field.name in omitted),
  );
}

function textOf(fields: readonly Field[], prefix: string): string {
  return fields
    .map(({ name, kind, isList }) => {
      // The driver knows no lists of the database's own types.
      const cast = isList && kind === 'enum' ? '::text[]' : '';
      return `${prefix}${columnOf(name)}${cast} AS "${name}"`;
    })
    .join(', ');
}

/** A column is the field's name in snake_case. */
export function columnOf(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
