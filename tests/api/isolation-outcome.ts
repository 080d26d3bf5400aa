import type { Answer } from '../support/graph.ts';

interface CountedRow extends Readonly<Record<string, unknown>> {
  readonly totalCount?: number;
}

/** What an answer comes to, in the words of the root table. */
export function outcomeOf({ data, errors }: Answer, fieldName: string): string {
  if (errors) return codesOf(errors);
  const value = data?.[fieldName];
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) {
    if (value.length === 0) return 'empty';
    return value.every((entry) => entry === null) ? 'null' : 'data';
  }
  const { __typename: typeName, code, nodes, totalCount } = value as CountedRow;
  if (String(typeName).endsWith('Error')) return String(code);
  if (!Array.isArray(nodes)) return 'data';
  // A count that says more than the entries would tell that there is something.
  if (totalCount !== undefined && totalCount !== nodes.length) return `count of ${totalCount}`;
  return nodes.length === 0 ? 'empty' : 'data';
}

function codesOf(errors: NonNullable<Answer['errors']>): string {
  const codes = new Set(errors.map(({ extensions }) => extensions?.code ?? 'no code'));
  return [...codes].join(' and ');
}
