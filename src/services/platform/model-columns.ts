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
  const columns = known.get(key) ?? selectionOf(model, of === '' ? '' : `${of}.`);
  known.set(key, columns);
  return columns;
}

function selectionOf(model: Prisma.ModelName, prefix: string): string {
  const name = `${model.charAt(0).toLowerCase()}${model.slice(1)}`;
  const omitted: object = (OMIT as Readonly<Record<string, object>>)[name] ?? {};
  const fields = (MODELS[model]?.fields ?? []).filter(
    (field) => field.kind !== 'object' && !(field.name in omitted),
  );
  return fields
    .map(({ name: field, kind, isList }) => {
      // The driver knows no lists of the database's own types.
      const cast = isList && kind === 'enum' ? '::text[]' : '';
      return `${prefix}${columnOf(field)}${cast} AS "${field}"`;
    })
    .join(', ');
}

/** A column is the field's name in snake_case. */
export function columnOf(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
