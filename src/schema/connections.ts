import type { Page, PageKey, PageRequest } from '../services/platform/page.ts';
import { InvalidInput } from '../services/platform/errors.ts';

/** How many entries a page has when the caller does not say. */
const PAGE_SIZE_DEFAULT = 20;
const PAGE_SIZE_MAX = 100;

export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
}

/** What the keys of a list are: times, or texts such as symbols. */
type KeyKind = 'time' | 'text';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The page that the arguments ask for. Refuses with InvalidInput a size outside 1 to `max`, `first`
 * together with `last`, and a cursor that is not one of such a list. Nothing is capped in silence.
 */
export function parsePage(
  { first, last, after, before }: PageArguments,
  { max = PAGE_SIZE_MAX, kind = 'time' }: { max?: number; kind?: KeyKind } = {},
): PageRequest {
  if (isGiven(first) && isGiven(last)) {
    throw new InvalidInput('last', 'Give `first` or `last`, not both.');
  }
  const field = isGiven(last) ? 'last' : 'first';
  const limit = first ?? last ?? PAGE_SIZE_DEFAULT;
  if (limit < 1 || limit > max) {
    throw new InvalidInput(field, `\`${field}\` goes from 1 to ${max}.`);
  }
  const page = { limit, isBackward: isGiven(last) };
  if (!isGiven(after) && !isGiven(before)) return page;
  return {
    ...page,
    ...(isGiven(after) && { after: decodeCursor('after', after, kind) }),
    ...(isGiven(before) && { before: decodeCursor('before', before, kind) }),
  };
}

/** A null means the same as an argument that is left out. */
function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}

/**
 * The price of a page: its field, and all beneath it for each entry asked for. A size that will be
 * refused costs as much as the largest, so that the refusal names the size and not the cost.
 */
export function pageCost(
  { first, last }: PageArguments,
  { max = PAGE_SIZE_MAX, entriesPerPoint = 1 }: { max?: number; entriesPerPoint?: number } = {},
): { field: number; multiplier: number } {
  const size = Math.min(Math.max(first ?? last ?? PAGE_SIZE_DEFAULT, 1), max);
  return { field: 1, multiplier: Math.ceil(size / entriesPerPoint) };
}

/** A page of a list that is in memory, in its own order. Refuses a cursor that is not in it. */
export function sliceToPage<Row>(
  rows: readonly Row[],
  { limit, isBackward, after, before }: PageRequest,
  idOf: (row: Row) => string,
): Page<Row> {
  const placeOf = (field: 'after' | 'before', key: PageKey | undefined): number | undefined => {
    if (!key) return undefined;
    const place = rows.findIndex((row) => idOf(row) === key.id);
    if (place === -1) throw new InvalidInput(field, `\`${field}\` is no cursor of this list.`);
    return place;
  };
  const from = (placeOf('after', after) ?? -1) + 1;
  const between = rows.slice(from, placeOf('before', before) ?? rows.length);
  return {
    rows: isBackward ? between.slice(-limit) : between.slice(0, limit),
    hasMore: between.length > limit,
  };
}

export interface Connection<Row> {
  readonly edges: { readonly cursor: string; readonly node: Row }[];
  readonly pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** Asked only when it is selected. */
  readonly totalCount: () => Promise<number>;
}

interface ConnectionPorts<Row> {
  readonly keyOf: (row: Row) => PageKey;
  readonly totalCount: () => Promise<number>;
}

export function toConnection<Row>(
  page: Page<Row>,
  request: PageRequest,
  ports: ConnectionPorts<Row>,
): Connection<Row> {
  return new PageConnection(page, request, ports);
}

/** Its parts are made for who selects them: a level of a query may have hundreds of pages. */
class PageConnection<Row> implements Connection<Row> {
  readonly totalCount: () => Promise<number>;
  readonly #page: Page<Row>;
  readonly #request: PageRequest;
  readonly #keyOf: (row: Row) => PageKey;
  #edges: Edge<Row>[] | undefined;

  constructor(page: Page<Row>, request: PageRequest, { keyOf, totalCount }: ConnectionPorts<Row>) {
    this.totalCount = totalCount;
    this.#page = page;
    this.#request = request;
    this.#keyOf = keyOf;
  }

  get edges(): Edge<Row>[] {
    return (this.#edges ??= this.#page.rows.map((node) => new Edge(node, this.#keyOf)));
  }

  get pageInfo(): Connection<Row>['pageInfo'] {
    const { edges } = this;
    const { hasMore } = this.#page;
    const { isBackward, after, before } = this.#request;
    return {
      hasNextPage: isBackward ? before !== undefined : hasMore,
      hasPreviousPage: isBackward ? hasMore : after !== undefined,
      get startCursor() {
        return edges.at(0)?.cursor ?? null;
      },
      get endCursor() {
        return edges.at(-1)?.cursor ?? null;
      },
    };
  }
}

/** An entry with its cursor, which costs more than the rest of it and is written for who asks. */
class Edge<Row> {
  readonly node: Row;
  readonly #keyOf: (row: Row) => PageKey;

  constructor(node: Row, keyOf: (row: Row) => PageKey) {
    this.node = node;
    this.#keyOf = keyOf;
  }

  get cursor(): string {
    return encodeCursor(this.#keyOf(this.node));
  }
}

function encodeCursor({ value, id }: PageKey): string {
  const text = value instanceof Date ? value.toISOString() : value;
  return Buffer.from(JSON.stringify([text, id])).toString('base64url');
}

function decodeCursor(field: 'after' | 'before', cursor: string, kind: KeyKind): PageKey {
  const [text, id] = parsePair(Buffer.from(cursor, 'base64url').toString('utf8'));
  const value = kind === 'time' ? new Date(text ?? '') : text;
  const isKey = value instanceof Date ? !Number.isNaN(value.getTime()) : value !== undefined;
  if (!isKey || value === undefined || id === undefined || !UUID.test(id)) {
    throw new InvalidInput(field, `\`${field}\` is no cursor of this list.`);
  }
  return { value, id };
}

function parsePair(text: string): string[] {
  try {
    const pair: unknown = JSON.parse(text);
    const isPair = Array.isArray(pair) && pair.length === 2;
    return isPair && pair.every((part) => typeof part === 'string') ? pair : [];
  } catch {
    return [];
  }
}
