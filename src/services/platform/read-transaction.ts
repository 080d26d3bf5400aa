import type { PoolClient } from 'pg';
import type { Query } from './query.ts';
import {
  BatchFailure,
  sendBatch,
  type BatchAnswer,
  type BatchStatement,
  type KnownRows,
} from './statement-batch.ts';
import { beginReads } from './viewer-settings.ts';
import { finish, inOneMessage } from './viewer-transaction.ts';
import type { Viewer } from './viewer.ts';

/** Reads the rows of a statement, each value as Prisma would have it. */
export type Ask = <Row extends object>(query: Query<Row>) => Promise<readonly Row[]>;

/** A read of one state of the database, on one connection. */
export interface ReadTransaction {
  /**
   * What is asked at once goes as one message, the first with the beginning, so that a read of two levels
   * is two messages. Rejects with PostgreSQL's error; those that were asked behind it fail as well.
   */
  readonly ask: Ask;
  /** The connection, for one who asks it in its own way. */
  client(): Promise<PoolClient>;
  /** Sends a statement on that connection, in this transaction. */
  within<T>(client: PoolClient, statement: () => Promise<T>): Promise<T>;
  /** What was asked until then is answered; nobody waits for the end itself. */
  end(): void;
}

export interface ReadPorts {
  readonly connect: () => Promise<PoolClient>;
  readonly nameOf: (query: { readonly sql: string }) => string;
  readonly known: KnownRows;
  /** It ends when it takes longer. */
  readonly timeoutMs: number;
}

interface Asked {
  readonly query: Query;
  readonly answer: (rows: readonly object[]) => void;
  readonly fail: (error: unknown) => void;
}

/** A read as `viewer`. It takes no connection before the first question. */
export function createReadTransaction(ports: ReadPorts, viewer: Viewer): ReadTransaction {
  return new LazyRead(ports, viewer);
}

class LazyRead implements ReadTransaction {
  readonly #ports: ReadPorts;
  readonly #viewer: Viewer;
  #connected: Promise<PoolClient> | undefined;
  /** Once it is there. */
  #client: PoolClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What is sent next. */
  #asked: Asked[] = [];
  #isBegun = false;
  #isOver = false;
  /** Some statements may be prepared on the connection, and some not. */
  #isUnclear = false;

  constructor(ports: ReadPorts, viewer: Viewer) {
    this.#ports = ports;
    this.#viewer = viewer;
  }

  readonly ask: Ask = <Row extends object>(query: Query<Row>) =>
    new Promise<readonly Row[]>((answer, fail) => {
      if (this.#isOver) {
        fail(overError());
        return;
      }
      this.#asked.push({ query, answer: answer as Asked['answer'], fail });
      if (this.#asked.length === 1) this.#sendSoon();
    });

  client(): Promise<PoolClient> {
    if (this.#isOver) return Promise.reject(overError());
    if (this.#connected) return this.#connected;
    this.#timer = setTimeout(() => {
      this.end();
    }, this.#ports.timeoutMs).unref();
    this.#connected = this.#connect();
    return this.#connected;
  }

  async within<T>(client: PoolClient, statement: () => Promise<T>): Promise<T> {
    if (this.#isOver) throw overError();
    const first = this.#beginning();
    if (first.length === 0) return statement();
    const [answer, { error }] = await inOneMessage(client, () => {
      const begun = this.#send(client, first);
      return Promise.all([statement(), begun]);
    });
    if (error) throw error;
    return answer;
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    const finished = this.#client
      ? this.#finish(this.#client)
      : this.#connected?.then((client) => this.#finish(client));
    // Whoever asked on a connection that is lost was told.
    finished?.catch(() => undefined);
  }

  async #connect(): Promise<PoolClient> {
    this.#client = await this.#ports.connect();
    return this.#client;
  }

  #sendSoon(): void {
    this.client().then(
      (client) => {
        // Behind all that is asked in this turn.
        process.nextTick(() => void this.#sendAsked(client));
      },
      (error: unknown) => {
        const asked = this.#asked;
        this.#asked = [];
        for (const { fail } of asked) fail(error);
      },
    );
  }

  async #sendAsked(client: PoolClient): Promise<void> {
    const asked = this.#asked;
    this.#asked = [];
    if (asked.length === 0) return;
    const first = this.#beginning();
    const statements = asked.map(({ query }) => this.#statementOf(query, true));
    const { answers, error } = await this.#send(client, [...first, ...statements]);
    for (const [index, { answer, fail }] of asked.entries()) {
      const answered = answers[first.length + index];
      if (answered) answer(answered.rows);
      else fail(error);
    }
  }

  /** What begins the transaction, with the first message. */
  #beginning(): BatchStatement[] {
    if (this.#isBegun) return [];
    this.#isBegun = true;
    return beginReads(this.#viewer).map((query) => this.#statementOf(query, false));
  }

  #statementOf(query: Query, isAsked: boolean): BatchStatement {
    const name = query.isRare === true ? '' : this.#ports.nameOf({ sql: query.text });
    return { ...query, name, isAsked };
  }

  /**
   * Answers in order; a failure is that of all behind the last answer, and the end: of what comes after
   * it nobody could say in what state it is read, and for whom.
   */
  async #send(client: PoolClient, statements: readonly BatchStatement[]): Promise<Sent> {
    try {
      return { answers: await sendBatch(client, statements, this.#ports.known) };
    } catch (error) {
      const failure = error instanceof BatchFailure ? error : undefined;
      this.#isUnclear ||= failure?.isUnclear ?? true;
      this.end();
      return failure
        ? { answers: failure.answers, error: failure.cause as Error }
        : { answers: [], error: error as Error };
    }
  }

  /** Gives the connection back clean, or closes it. */
  async #finish(client: PoolClient): Promise<void> {
    void this.#sendAsked(client);
    if (!this.#isBegun) client.release();
    else if (this.#isUnclear) client.release(true);
    else await finish(client, 'COMMIT');
  }
}

interface Sent {
  readonly answers: readonly BatchAnswer[];
  readonly error?: Error;
}

const overError = (): Error => new Error('The transaction is over.');
