import { request } from 'node:http';
import { connect } from 'node:net';
import type { AttackHouse } from './house.ts';

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Address to call from; that of the trusted proxy when it is left out. */
  readonly from?: string;
  readonly timeoutMs?: number;
}

export interface Got {
  /** 0 when the connection ended without an answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly tookMs: number;
}

type Door = Pick<AttackHouse, 'port'>;

const TIMEOUT_MS = 20_000;

/** One request as it is said, whatever that is. Never rejects. */
export function send({ port }: Door, sent: Sent): Promise<Got> {
  const { method = 'POST', path = '/graphql', headers = {}, body, from } = sent;
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const end = (status: number, answered: Got['headers'], text: string) => {
      const tookMs = performance.now() - startedMs;
      resolve({ status, headers: answered, text, tookMs });
    };
    const outgoing = request({
      ...{ host: '127.0.0.1', port, method, path, agent: false, headers },
      ...(from !== undefined && { localAddress: from }),
    });
    outgoing.setTimeout(sent.timeoutMs ?? TIMEOUT_MS, () => outgoing.destroy(new Error('timeout')));
    outgoing.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('close', () => {
        end(response.statusCode ?? 0, response.headers, text);
      });
    });
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      end(0, {}, error.code ?? error.message);
    });
    outgoing.end(body);
  });
}

export interface Asked extends Sent {
  readonly query?: unknown;
  readonly variables?: unknown;
  readonly token?: string;
  /** What else stands in the body. */
  readonly more?: object;
}

export interface Answer extends Got {
  /** Of GraphQL's errors, and of the named errors in the data. */
  readonly codes: readonly string[];
  readonly data: Readonly<Record<string, unknown>> | null | undefined;
}

const JSON_HEADERS = { 'content-type': 'application/json' };

/** An operation over HTTP. */
export async function ask(door: Door, asked: Asked): Promise<Answer> {
  const { query, variables, token, more, ...sent } = asked;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return readAnswer(
    await send(door, {
      body: JSON.stringify({ query, variables, ...more }),
      ...sent,
      headers: { ...JSON_HEADERS, ...authorization, ...sent.headers },
    }),
  );
}

export function readAnswer(got: Got): Answer {
  let body: { data?: Answer['data']; errors?: { extensions?: { code?: string } }[] } = {};
  try {
    body = (JSON.parse(got.text) ?? {}) as typeof body;
  } catch {
    // Not every answer is JSON.
  }
  const codes = (body.errors ?? []).map(({ extensions }) => extensions?.code ?? 'none');
  const named = Object.values(body.data ?? {}).flatMap((value) =>
    value !== null && typeof value === 'object' && 'code' in value ? String(value.code) : [],
  );
  return { ...got, codes: [...codes, ...named], data: body.data };
}

/** Bytes on a connection, for what no client of HTTP would send. Answers with all that came back. */
export function sendRaw(
  { port }: Door,
  parts: readonly (string | Buffer)[],
  { from, waitMs = 1_500 }: { readonly from?: string; readonly waitMs?: number } = {},
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ...(from && { localAddress: from }) });
    let text = '';
    const end = () => {
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(end, waitMs);
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.once('close', () => {
      clearTimeout(timer);
      end();
    });
    socket.on('error', () => undefined);
    for (const part of parts) socket.write(part);
  });
}

/** The statuses of the answers in what {@link sendRaw} got. */
export const statusesIn = (text: string): number[] =>
  [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
