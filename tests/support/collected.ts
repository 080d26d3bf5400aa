import type { LiveResult } from './live-connection.ts';

type Data = Readonly<Record<string, unknown>>;

/** What a stream gave so far. */
export interface Collected {
  readonly results: readonly LiveResult<Data>[];
  /** Resolves when the stream has ended, in whatever way. */
  readonly ended: Promise<void>;
}

/** Reads a stream to its end, in the background. */
export function collect(stream: AsyncIterable<LiveResult<Data>>): Collected {
  const results: LiveResult<Data>[] = [];
  const read = async (): Promise<void> => {
    try {
      for await (const result of stream) results.push(result);
    } catch {
      // The connection was closed; what came before that is what counts.
    }
  };
  return { results, ended: read() };
}
