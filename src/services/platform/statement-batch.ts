import { Query as PgQuery, type PoolClient } from 'pg';
import type { Query } from './query.ts';
import { readerOf, textOf } from './wire-values.ts';

/** A statement of a batch: prepared under its name, or anew each time if that is empty. */
export interface BatchStatement extends Query {
  readonly name: string;
  /** Whether its rows are of interest. */
  readonly isAsked: boolean;
}

/** What a statement came to: its rows, if they were asked for, and what PostgreSQL calls what it did. */
export interface BatchAnswer {
  readonly rows: readonly object[];
  readonly command: string;
}

interface Column {
  readonly name: string;
  readonly read: (text: string) => unknown;
}

/** The columns of statements by their texts: PostgreSQL is asked for them once. */
export type KnownColumns = Map<string, readonly Column[]>;

/** An error of PostgreSQL's in a batch, and whether the connection may be used after it. */
export class BatchFailure extends Error {
  override readonly name = 'BatchFailure';
  /** Some statements may be prepared on it, and some not. */
  readonly isUnclear: boolean;

  constructor(cause: unknown, isUnclear: boolean) {
    super('A batch of statements has failed.', { cause });
    this.isUnclear = isUnclear;
  }
}

/**
 * Sends statements as one message that is answered as one. `pg` by itself closes each statement with a
 * Sync, at which PostgreSQL stops to send its answer; here it comes once, at the end. After an error
 * none of the others runs. Rejects with a {@link BatchFailure}.
 */
export function sendBatch(
  client: PoolClient,
  statements: readonly BatchStatement[],
  known: KnownColumns,
): Promise<readonly BatchAnswer[]> {
  const batch = new Batch(statements, known);
  client.query(batch as unknown as PgQuery);
  return batch.answered;
}

/** What of a connection of `pg` its types leave out or tell otherwise. */
interface Wire {
  readonly stream: { readonly writable: boolean; write(bytes: Uint8Array): void };
  readonly parsedStatements: Record<string, string>;
  parse(given: { readonly name: string; readonly text: string }): void;
  bind(given: { readonly statement: string; readonly values: readonly (string | null)[] }): void;
  describe(given: { readonly type: 'P' }): void;
  execute(given: object): void;
  sync(): void;
}

interface RowDescription {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}

/** The client calls these as the answers of the server come in. It pipelines nothing but its own queries. */
class Batch extends (PgQuery as unknown as new (text: string) => object) {
  readonly answered: Promise<readonly BatchAnswer[]>;
  readonly #statements: readonly BatchStatement[];
  readonly #known: KnownColumns;
  readonly #outcome = Promise.withResolvers<readonly BatchAnswer[]>();
  /** What this batch prepares: texts by their names. */
  readonly #prepared = new Map<string, string>();
  readonly #answers: BatchAnswer[] = [];
  #rows: object[] = [];

  constructor(statements: readonly BatchStatement[], known: KnownColumns) {
    super('');
    this.#statements = statements;
    this.#known = known;
    this.answered = this.#outcome.promise;
  }

  submit(wire: Wire): void {
    const { stream } = wire;
    const { gathering, bytesOf } = gather(wire);
    for (const statement of this.#statements) this.#write(gathering, statement);
    gathering.sync();
    if (stream.writable) stream.write(bytesOf());
  }

  handleRowDescription({ fields }: RowDescription): void {
    const statement = this.#statements[this.#answers.length];
    const columns = fields.map(({ name, dataTypeID }) => ({ name, read: readerOf(dataTypeID) }));
    if (statement) this.#known.set(statement.text, columns);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const statement = this.#statements[this.#answers.length];
    const columns = statement?.isAsked ? this.#known.get(statement.text) : undefined;
    if (columns) this.#rows.push(rowOf(columns, fields));
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#answers.push({ rows: this.#rows, command: text });
    this.#rows = [];
  }

  handleError(error: unknown): void {
    this.#outcome.reject(new BatchFailure(error, this.#prepared.size > 0));
  }

  handleReadyForQuery({ parsedStatements }: Wire): void {
    for (const [name, text] of this.#prepared) parsedStatements[name] = text;
    this.#outcome.resolve(this.#answers);
  }

  #write(wire: Wire, statement: BatchStatement): void {
    const { name, text, values, isAsked } = statement;
    if (name === '' || (wire.parsedStatements[name] !== text && !this.#prepared.has(name))) {
      wire.parse({ name, text });
      if (name !== '') this.#prepared.set(name, text);
    }
    wire.bind({ statement: name, values: values.map(textOf) });
    if (isAsked && !this.#known.has(text)) wire.describe({ type: 'P' });
    wire.execute({});
  }
}

/**
 * The connection with what it writes kept instead: a message of forty pieces costs the system more than
 * the same in one.
 */
function gather(wire: Wire): { readonly gathering: Wire; readonly bytesOf: () => Uint8Array } {
  const pieces: Uint8Array[] = [];
  const stream = { writable: true, write: (bytes: Uint8Array) => void pieces.push(bytes) };
  const gathering = Object.create(wire, { stream: { value: stream } }) as Wire;
  return { gathering, bytesOf: () => Buffer.concat(pieces) };
}

function rowOf(columns: readonly Column[], fields: readonly (string | null)[]): object {
  const row: Record<string, unknown> = {};
  for (const [index, { name, read }] of columns.entries()) {
    const text = fields[index] ?? null;
    row[name] = text === null ? null : read(text);
  }
  return row;
}
