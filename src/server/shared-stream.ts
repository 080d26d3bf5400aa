import type { ExecutionResult } from 'graphql';
import { readEach } from '../services/platform/direct-iterator.ts';
import type { SharedReader, SharedResult } from './shared-results.ts';

/**
 * Writes a result that is JSON already, as the next of its operation. Answers a promise when its reader
 * is behind: the next one is to wait for it.
 */
export type Deliver = (payload: Buffer) => Promise<void> | undefined;

export interface SharedStreamOptions {
  readonly source: AsyncIterator<object>;
  readonly reader: SharedReader;
  /** Undefined where a transport takes results alone. */
  readonly deliver: Deliver | undefined;
  /** Throws when the caller may read no more; asked for each event. */
  readonly confirm: () => void;
  /** Executes an event for this reader alone. */
  readonly executeAlone: (event: object) => Promise<ExecutionResult>;
  /** A result as the transport takes it; it may be changed. */
  readonly present: (result: ExecutionResult, event: object) => ExecutionResult;
  readonly onDelivered: () => void;
}

const DONE = { done: true, value: undefined } as const;

/**
 * The results of one subscription among many alike. What is shared is written at once, in the turn in
 * which its event comes and past the library that numbers results; `next()` gives what is not, and the end,
 * so that both stay in order.
 */
export function createSharedStream({
  source,
  reader,
  deliver,
  confirm,
  executeAlone,
  present,
  onDelivered,
}: SharedStreamOptions): AsyncIterableIterator<ExecutionResult> {
  let isOver = false;
  const end = async (): Promise<void> => {
    isOver = true;
    reader.leave();
    await source.return?.();
  };

  /** The next result that is not written here; undefined at the end. */
  const advance = async (): Promise<ExecutionResult | undefined> => {
    let left: { readonly event: object; readonly shared: SharedResult | null } | undefined;
    await readEach(source, (event) => {
      if (isOver) return false;
      confirm();
      const write = (shared: SharedResult | null): boolean | Promise<boolean> => {
        if (isOver) return false;
        if (shared && deliver) {
          onDelivered();
          return deliver(shared.payload)?.then(() => true) ?? true;
        }
        left = { event, shared };
        return false;
      };
      const found = reader.resultOf(event);
      return found instanceof Promise ? found.then(write) : write(found);
    });
    if (isOver || !left) return undefined;
    const { event, shared } = left;
    return shared ? present({ ...shared.result }, event) : executeAlone(event);
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
