import type { Client, FormattedExecutionResult, Sink, SubscribePayload } from 'graphql-ws';

/** Codes of a stream that ended and goes on behind its last cursor. */
const MAY_RESUME: readonly unknown[] = ['SLOW_READER', 'STREAM_INTERRUPTED'];
const WAIT_MS = 500;
/** A server sends nothing twice; what was on its way when the line was cut is remembered this far. */
const REMEMBERED_MAX = 1_000;

export type LiveResult<Data> = FormattedExecutionResult<Data, unknown>;

/**
 * Subscribes so that each event comes once, however often the connection is cut: the operation's
 * variable `$after` always holds the last cursor that came. A `StreamGap` is an event like others:
 * whoever gets one loads its state anew. Returns what ends it.
 */
export function subscribeResuming<Data>(
  client: Client,
  payload: SubscribePayload,
  sink: Sink<LiveResult<Data>>,
): () => void {
  let after = payload.variables?.['after'] as string | undefined;
  let earlier = new Set<string>();
  let current = new Set<string>();
  let isOver = false;
  let stop = (): void => undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Read again each time that the operation is sent, so also after a cut.
  const variables = {
    ...payload.variables,
    get after() {
      return after;
    },
  };
  const leaveConnected = client.on('connected', () => {
    earlier = new Set([...earlier, ...current].slice(-REMEMBERED_MAX));
    current = new Set();
  });
  const finish = (): void => {
    isOver = true;
    clearTimeout(timer);
    leaveConnected();
  };

  const begin = (): void => {
    let mayResume = false;
    stop = client.subscribe<Data>(
      { ...payload, variables },
      {
        next(result) {
          mayResume = MAY_RESUME.includes(result.errors?.[0]?.extensions?.['code']);
          if (mayResume) return;
          const cursor = cursorIn(result.data);
          if (cursor !== undefined) {
            if (earlier.has(cursor)) return;
            current.add(cursor);
            after = cursor;
          }
          sink.next(result);
        },
        error(error) {
          finish();
          sink.error(error);
        },
        complete() {
          if (isOver) return;
          if (mayResume) {
            timer = setTimeout(begin, WAIT_MS);
            return;
          }
          finish();
          sink.complete();
        },
      },
    );
  };
  begin();
  return () => {
    finish();
    stop();
  };
}

/** The cursor of an event, which is the one field of its subscription. */
function cursorIn(data: unknown): string | undefined {
  const [event] = Object.values((data ?? {}) as Record<string, unknown>);
  const { cursor } = (event ?? {}) as { readonly cursor?: unknown };
  return typeof cursor === 'string' ? cursor : undefined;
}
