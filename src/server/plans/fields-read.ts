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

/**
 * Columns that are read together: the first of a type always, which walls, lists and most screens need; the
 * others when a document selects one of them. Each selection makes statements of its own, of which a
 * connection keeps few. So that nobody can make many, there are few selections.
 */
const GROUPS: Readonly<Record<RowType, readonly Fields[]>> = {
  Order: [
    [
      ...['id', 'ownerId', 'accountId', 'instrumentId', 'createdAt', 'side', 'type', 'status'],
      ...['quantity', 'filledQuantity', 'filledNotional'],
    ],
    [
      ...['clientOrderId', 'timeInForce', 'limitPrice', 'stopPrice', 'expiresAt', 'reserved'],
      ...['reasonCode', 'reason', 'updatedAt'],
    ],
  ],
  Trade: [
    ['id', 'ownerId', 'accountId', 'orderId', 'executedAt', 'quantity', 'price', 'fee'],
    ['instrumentId', 'side', 'cashAmount', 'realizedGross'],
  ],
};

const knownDocuments = new WeakMap<DocumentNode, FieldsRead>();
const knownSelections = new Map<string, Fields>();

/** What a document reads of rows in lists; nothing is told of rows that it may read all of. */
export function fieldsReadBy(schema: GraphQLSchema, document: DocumentNode): FieldsRead {
  const known = knownDocuments.get(document) ?? fieldsSelectedBy(schema, document);
  knownDocuments.set(document, known);
  return known;
}

function fieldsSelectedBy(schema: GraphQLSchema, document: DocumentNode): FieldsRead {
  const read = new Map<RowType, Set<string>>();
  const unclear = new Set<RowType>();
  const typeInfo = new TypeInfo(schema);
  const field = (): void => {
    const [definition, parent] = [typeInfo.getFieldDef(), typeInfo.getParentType()];
    if (!definition || !parent) return;
    for (const type of rowTypesOf(schema, parent)) {
      const fields = readsOf(type.getFields()[definition.name]);
      const name = type.name as RowType;
      if (fields) read.set(name, new Set([...(read.get(name) ?? []), ...fields]));
      else if (definition.name !== '__typename') unclear.add(name);
    }
  };
  visit(document, visitWithTypeInfo(typeInfo, { Field: field }));
  const told = [...read].filter(([name]) => !unclear.has(name));
  return Object.fromEntries(told.map(([name, fields]) => [name, groupsOf(name, fields)]));
}

/** The groups that have all of them; undefined for what is in none. Equal selections are one list. */
function groupsOf(name: RowType, fields: ReadonlySet<string>): Fields | undefined {
  const groups = GROUPS[name].filter(
    (group, at) => at === 0 || group.some((field) => fields.has(field)),
  );
  const selection = groups.flat();
  if (![...fields].every((field) => selection.includes(field))) return undefined;
  const key = `${name} ${selection.join(' ')}`;
  const known = knownSelections.get(key) ?? selection;
  knownSelections.set(key, known);
  return known;
}

/** The types of rows that a field selected there is of: more than one where it is of an interface. */
function rowTypesOf(schema: GraphQLSchema, parent: GraphQLCompositeType): GraphQLObjectType[] {
  const types = isAbstractType(parent) ? schema.getPossibleTypes(parent) : [parent];
  return types.filter((type) => isObjectType(type)).filter(({ name }) => name in GROUPS);
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
