import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isOutsideAddress } from './outside-url.ts';
import { resolveName, type ResolvedAddress, type ResolveName } from './resolve-name.ts';
import { systemTimers, type Timers } from './timers.ts';

export interface OutsideRequest {
  /** As `parseOutsideUrl` gave it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type PostProblem =
  'NO_ADDRESS' | 'INSIDE_ADDRESS' | 'CONNECTION_FAILED' | 'TLS_FAILED' | 'TIMED_OUT';

/** What came of it. `STOPPED`: whoever asked for it broke it off. */
export type PostOutcome =
  | { readonly kind: 'ANSWERED'; readonly status: number; readonly retryAfter: string | undefined }
  | { readonly kind: 'FAILED'; readonly problem: PostProblem }
  | { readonly kind: 'STOPPED' };

/** Posts a body to a URL of somebody else's; never rejects, and follows no redirection. */
export type OutsidePost = (request: OutsideRequest, signal: AbortSignal) => Promise<PostOutcome>;

export interface OutsidePostPorts {
  /** Whether this machine and its networks may be reached, as in development. */
  readonly isInsideAllowed: boolean;
  readonly resolve?: ResolveName;
  readonly timers?: Timers;
  /** Until there is a connection, with its TLS. */
  readonly connectMs?: number;
  /** Until there is an answer. */
  readonly totalMs?: number;
  /** A certificate to trust beside the well-known ones. */
  readonly ca?: string;
}

const CONNECT_MS = 5_000;
const TOTAL_MS = 10_000;
/** Of an answer, so much is read and thrown away, so that a receiver is not cut off in a short one. */
const ANSWER_BYTES = 4_096;
const HEAD_BYTES = 8_192;

/**
 * A name is looked up here, each time, and the connection goes to the very address that was found to be of
 * the outside: a name that is answered differently the next moment leads nowhere else. No proxy of the
 * environment, and no connection that an earlier request used.
 */
export function createOutsidePost(ports: OutsidePostPorts): OutsidePost {
  const { isInsideAllowed, timers = systemTimers } = ports;
  const { connectMs = CONNECT_MS, totalMs = TOTAL_MS } = ports;
  const resolve = ports.resolve ?? resolveName({ isInsideAllowed });

  /** The addresses that it may connect to, or why there is none. */
  const addressesOf = async (
    host: string,
  ): Promise<readonly ResolvedAddress[] | 'NO_ADDRESS' | 'INSIDE_ADDRESS'> => {
    const family = isIP(host);
    const found = family === 0 ? await resolve(host) : [{ address: host, family }];
    if (found.length === 0) return 'NO_ADDRESS';
    const allowed = found.filter(({ address }) => isInsideAllowed || isOutsideAddress(address));
    return allowed.length > 0 ? allowed : 'INSIDE_ADDRESS';
  };

  return async (given, signal) => {
    const stops: (() => void)[] = [];
    const ended = new Promise<PostOutcome>((settle) => {
      let answer: PostOutcome | undefined;
      /** What was answered counts, if only the rest of the answer is missing. */
      const cut = (outcome: PostOutcome) => () => {
        settle(answer ?? outcome);
      };
      const onStop = cut({ kind: 'STOPPED' });
      signal.addEventListener('abort', onStop);
      stops.push(() => {
        signal.removeEventListener('abort', onStop);
      });
      if (signal.aborted) onStop();
      const late = cut({ kind: 'FAILED', problem: 'TIMED_OUT' });
      stops.push(timers.after(totalMs, late));
      const onConnected = timers.after(connectMs, late);
      stops.push(onConnected);
      const onAnswer = (given: PostOutcome): void => {
        answer = given;
      };
      const onEnd = (problem: PostProblem): void => {
        settle(answer ?? { kind: 'FAILED', problem });
      };
      const begin = async (): Promise<void> => {
        const url = new URL(given.url);
        const addresses = await addressesOf(url.hostname.replace(/^\[(.*)\]$/, '$1'));
        if (typeof addresses === 'string') onEnd(addresses);
        else if (!signal.aborted) {
          const to = { url, addresses, ca: ports.ca };
          stops.push(send(given, to, { onConnected, onAnswer, onEnd }));
        }
      };
      begin().catch(cut({ kind: 'FAILED', problem: 'NO_ADDRESS' }));
    });
    const outcome = await ended;
    for (const stop of stops) stop();
    return outcome;
  };
}

interface Destination {
  readonly url: URL;
  readonly addresses: readonly ResolvedAddress[];
  readonly ca: string | undefined;
}

interface Hooks {
  readonly onConnected: () => void;
  /** Its head has come. */
  readonly onAnswer: (answer: PostOutcome) => void;
  /** Nothing more comes. */
  readonly onEnd: (problem: PostProblem) => void;
}

/** Sends it, and answers with what ends the connection. */
function send(
  { headers, body }: OutsideRequest,
  { url, addresses, ca }: Destination,
  { onConnected, onAnswer, onEnd }: Hooks,
): () => void {
  const isSecure = url.protocol === 'https:';
  let isHandshake = false;
  const options = {
    ...{ method: 'POST', agent: false, lookup: pinned(addresses), maxHeaderSize: HEAD_BYTES },
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
  };
  const sent = isSecure
    ? requestSecure(url, { ...options, ...(ca !== undefined && { ca }) })
    : requestPlain(url, options);
  sent.on('socket', (socket) => {
    socket.on('connect', () => {
      isHandshake = isSecure;
      if (!isSecure) onConnected();
    });
    socket.on('secureConnect', () => {
      isHandshake = false;
      onConnected();
    });
  });
  const end = (): void => {
    onEnd(isHandshake ? 'TLS_FAILED' : 'CONNECTION_FAILED');
  };
  sent.on('response', (answer) => {
    const { statusCode: status = 0, headers: head } = answer;
    onAnswer({ kind: 'ANSWERED', status, retryAfter: head['retry-after'] });
    readAndForget(answer, end);
  });
  sent.on('error', end);
  // Also of one that was upgraded to something else, of which nobody wants to hear.
  sent.on('close', end);
  sent.end(body);
  return () => {
    sent.destroy();
  };
}

/** Whoever asks for the address of the name gets those that were looked at. */
function pinned(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_name, { all }, answer) => {
    const [first] = addresses;
    if (all || !first) answer(null, [...addresses]);
    else answer(null, first.address, first.family);
  };
}

/** Calls back when the answer is over, or as much of it came as is read. */
function readAndForget(answer: IncomingMessage, onDone: () => void): void {
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes >= ANSWER_BYTES) onDone();
  });
  answer.on('error', () => undefined);
  answer.on('close', onDone);
}
