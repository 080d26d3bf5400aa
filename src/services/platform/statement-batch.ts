import { Query as PgQuery, type PoolClient } from 'pg';
import type { Query } from './query.ts';
import { createRowMaker, type RowMaker } from './row-maker.ts';
import { textOf, type ReaderOf } from './wire-values.ts';

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

/** How rows of prepared statements are made, by their texts: PostgreSQL is asked for their columns once. */
export interface KnownRows {
  readonly makers: Map<string, RowMaker>;
  readonly readerOf: ReaderOf;
}

/** An error of PostgreSQL's in a batch, and whether the connection may be used after it. */
export class BatchFailure extends Error {
  override readonly name = 'BatchFailure';
  /** Of the statements before the one that failed. */
  readonly answers: readonly BatchAnswer[];
  /** Some statements may be prepared on it, and some not. */
  readonly isUnclear: boolean;

  constructor(
    cause: unknown,
    given: { readonly answers: readonly BatchAnswer[]; readonly isUnclear: boolean },
  ) {
    super('A batch of statements has failed.', { cause });
    this.answers = given.answers;
    this.isUnclear = given.isUnclear;
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
  known: KnownRows,
): Promise<readonly BatchAnswer[]> {
  const batch = new Batch(statements, known);
  client.query(batch as unknown as PgQuery);
  return batch.answered;
}

/** What of a connection of `pg` its types leave out or tell otherwise. */
interface Wire {
  readonly stream: { readonly writable: boolean; write(bytes: Uint8Array): void };
  readonly parsedStatements: Record<string, string>;
  /** Prepared by what was sent and is not answered. */
  readonly submittedNamedStatements: Record<string, string>;
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
  /** Of its statements, for whoever watches the connection. */
  readonly texts: readonly string[];
  readonly #statements: readonly BatchStatement[];
  readonly #known: KnownRows;
  readonly #outcome = Promise.withResolvers<readonly BatchAnswer[]>();
  /** What this batch prepares: texts by their names. */
  readonly #prepared = new Map<string, string>();
  readonly #answers: BatchAnswer[] = [];
  #rows: object[] = [];
  /** Of the statement whose rows come in. */
  #maker: RowMaker | undefined;

  constructor(statements: readonly BatchStatement[], known: KnownRows) {
    super('');
    this.#statements = statements;
    this.texts = statements.map(({ text }) => text);
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
    const { makers, readerOf } = this.#known;
    const columns = fields.map(({ name, dataTypeID }) => ({ name, read: readerOf(dataTypeID) }));
    const maker = createRowMaker(columns, statement?.unread);
    if (statement && statement.name !== '') makers.set(statement.text, maker);
    else this.#maker = maker;
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const statement = this.#statements[this.#answers.length];
    if (statement?.isAsked !== true) return;
    this.#maker ??= this.#known.makers.get(statement.text);
    if (this.#maker) this.#rows.push(this.#maker(fields));
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#answers.push({ rows: this.#rows, command: text });
    this.#rows = [];
    this.#maker = undefined;
  }

  handleError(error: unknown, wire: Wire): void {
    this.#settle(wire);
    const isUnclear = this.#prepared.size > 0;
    this.#outcome.reject(new BatchFailure(error, { answers: this.#answers, isUnclear }));
  }

  handleReadyForQuery(wire: Wire): void {
    this.#settle(wire);
    for (const [name, text] of this.#prepared) wire.parsedStatements[name] = text;
    this.#outcome.resolve(this.#answers);
  }

  #settle({ submittedNamedStatements: submitted }: Wire): void {
    for (const [name] of this.#prepared) Reflect.deleteProperty(submitted, name);
  }

  #write(wire: Wire, statement: BatchStatement): void {
    const { name, text, values, isAsked } = statement;
    if (name === '' || !isPrepared(wire, name)) {
      wire.parse({ name, text });
      if (name !== '') {
        this.#prepared.set(name, text);
        wire.submittedNamedStatements[name] = text;
      }
    }
    wire.bind({ statement: name, values: values.map(textOf) });
    // What has no name is one of too many to be remembered.
    if (isAsked && (name === '' || !this.#known.makers.has(text))) wire.describe({ type: 'P' });
    wire.execute({});
  }
}

/** Or soon: the connection answers what is sent in its order. */
const isPrepared = ({ parsedStatements, submittedNamedStatements }: Wire, name: string): boolean =>
  parsedStatements[name] !== undefined || submittedNamedStatements[name] !== undefined;

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
