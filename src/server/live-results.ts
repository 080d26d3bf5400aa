import type { ExecutionResult } from 'graphql';
import { readEach, type ReadOn } from '../services/platform/direct-iterator.ts';
import { soon, type Soon } from '../services/platform/soon.ts';
import type { SharedReader, SharedResult } from './shared-results.ts';

/**
 * Writes a result that is JSON already, as the next of its operation. Answers a promise when its reader
 * is behind: the next one is to wait for it.
 */
export type Deliver = (payload: Buffer) => Promise<void> | undefined;

export interface LiveResultsOptions {
  readonly source: AsyncIterator<object>;
  /** Undefined for a subscription that shares nothing. */
  readonly reader: SharedReader | undefined;
  /** Undefined where a transport takes results alone. */
  readonly deliver: Deliver | undefined;
  /** Throws when the caller may read no more; asked for each event. */
  readonly confirm: () => void;
  /** Executes an event for this reader alone; a promise only where something has to be waited for. */
  readonly executeAlone: (event: object) => Soon<ExecutionResult>;
  /** A result as the transport takes it; it may be changed. */
  readonly present: (result: ExecutionResult, event: object) => ExecutionResult;
  readonly onDelivered: () => void;
}

const DONE = { done: true, value: undefined } as const;

/**
 * The results of one subscription. Where the transport takes JSON, they are written at once, in the turn in
 * which their event comes and past the library that numbers results, with the promises of all that lies
 * between. `next()` gives the others: results with errors, which are still to be masked and logged, and the
 * end. Both stay in order.
 */
export function createLiveResults({
  source,
  reader,
  deliver,
  confirm,
  executeAlone,
  present,
  onDelivered,
}: LiveResultsOptions): AsyncIterableIterator<ExecutionResult> {
  let isOver = false;
  const end = async (): Promise<void> => {
    isOver = true;
    reader?.leave();
    await source.return?.();
  };

  /** Whether to read on: not when a result is left to be given by `next()`. */
  const write = (payload: Buffer, to: Deliver): ReadOn => {
    onDelivered();
    return to(payload)?.then(() => true) ?? true;
  };

  /** The next result that is not written here; undefined at the end. */
  const advance = async (): Promise<ExecutionResult | undefined> => {
    let left: ExecutionResult | undefined;
    const takeOwn = (result: ExecutionResult, event: object): ReadOn => {
      if (isOver) return false;
      if (deliver && !result.errors) return write(Buffer.from(JSON.stringify(result)), deliver);
      left = present(result, event);
      return false;
    };
    const take = (shared: SharedResult | null, event: object): ReadOn => {
      if (isOver) return false;
      if (shared && deliver) return write(shared.payload, deliver);
      if (shared) return takeOwn({ ...shared.result }, event);
      return soon(executeAlone(event), (result) => takeOwn(result, event));
    };
    await readEach(source, (event) => {
      if (isOver) return false;
      confirm();
      return soon(reader?.resultOf(event) ?? null, (shared) => take(shared, event));
    });
    return isOver ? undefined : left;
  };
  const hasEnded = (): boolean => isOver;

  const iterator: AsyncIterableIterator<ExecutionResult> = {
    async next() {
      if (isOver) return DONE;
      try {
        const value = await advance();
        if (value && !hasEnded()) return { done: false, value };
        await end();
        return DONE;
      } catch (error) {
        await end();
        throw error;
      }
    },
    async return() {
      await end();
      return DONE;
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
