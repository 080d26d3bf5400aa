import {
  isAbstractType,
  isObjectType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import type { FieldsRead } from '../../schema/context.ts';
import type { Fields } from '../../services/platform/page.ts';

type RowType = keyof FieldsRead;

/** What is read of each row whatever is selected: by walls, and for its place in lists. */
const ALWAYS: Readonly<Record<RowType, Fields>> = {
  Order: ['id', 'ownerId', 'accountId', 'createdAt'],
  Position: ['id', 'ownerId', 'accountId', 'openedAt'],
  Trade: ['id', 'ownerId', 'accountId', 'orderId', 'executedAt'],
};

/**
 * Each selection makes statements of its own, of which a connection keeps few: they are for documents that
 * programs ask again and again.
 */
const ASKED_OFTEN = 10;
const SELECTIONS_MAX = 100;

interface Known {
  asked: number;
  fields?: FieldsRead;
}

const knownDocuments = new WeakMap<DocumentNode, Known>();
/** Documents that select the same share a list, and its statements. */
const selections = new Map<string, Fields>();

/** What the queries of a document read of rows in lists; nothing is told of one that is asked seldom. */
export function fieldsReadBy(schema: GraphQLSchema, document: DocumentNode): FieldsRead {
  const known = knownDocuments.get(document) ?? { asked: 0 };
  knownDocuments.set(document, known);
  known.asked += 1;
  if (known.asked < ASKED_OFTEN) return {};
  known.fields ??= shared(fieldsSelectedBy(schema, document));
  return known.fields;
}

/** The same, of any document. */
export function fieldsSelectedBy(schema: GraphQLSchema, document: DocumentNode): FieldsRead {
  const read = new Map<RowType, Set<string>>();
  const unclear = new Set<RowType>();
  const typeInfo = new TypeInfo(schema);
  const field = (): void => {
    const [definition, parent] = [typeInfo.getFieldDef(), typeInfo.getParentType()];
    if (!definition || !parent) return;
    for (const type of rowTypesOf(schema, parent)) {
      const fields = readsOf(type.getFields()[definition.name]);
      const name = type.name as RowType;
      if (fields) read.set(name, new Set([...(read.get(name) ?? ALWAYS[name]), ...fields]));
      else if (definition.name !== '__typename') unclear.add(name);
    }
  };
  visit(document, visitWithTypeInfo(typeInfo, { Field: field }));
  const told = [...read].filter(([name]) => !unclear.has(name));
  return Object.fromEntries(told.map(([name, fields]) => [name, [...fields].sort()]));
}

/** The types of rows that a field selected there is of: more than one where it is of an interface. */
function rowTypesOf(schema: GraphQLSchema, parent: GraphQLCompositeType): GraphQLObjectType[] {
  const types = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent];
  return types.filter((type) => isObjectType(type)).filter(({ name }) => name in ALWAYS);
}

/** Undefined where the field does not say what it reads. */
function readsOf(field: GraphQLField<unknown, unknown> | undefined): readonly string[] | undefined {
  if (field?.name === 'id') return ['id'];
  const { reads, pothosExposedField: exposed } = (field?.extensions ?? {}) as {
    readonly reads?: readonly string[];
    readonly pothosExposedField?: string;
  };
  return reads ?? (exposed === undefined ? undefined : [exposed]);
}

/** The lists of documents that select the same; when there are too many, none. */
function shared(selected: FieldsRead): FieldsRead {
  const lists = Object.entries(selected).map(([name, fields]) => {
    const key = `${name} ${fields.join(' ')}`;
    const known = selections.get(key);
    if (known || selections.size >= SELECTIONS_MAX) return [name, known];
    selections.set(key, fields);
    return [name, fields];
  });
  return Object.fromEntries(lists) as FieldsRead;
}
