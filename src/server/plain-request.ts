import type { IncomingMessage } from 'node:http';
import { GRAPHQL_PATH } from './graph-path.ts';

const JSON_TYPE = /^application\/json(?:;|$)/;
/** Who takes none of these gets something else than one answer of JSON. */
const ONE_ANSWER = /\*\/\*|application\/(?:\*|json|graphql-response\+json)/i;
const LENGTH = /^\d+$/;

/** Whether a request is JSON of a known length for the graph, from one who takes JSON. */
export function isPlainPost({ method, url, headers }: IncomingMessage, bytesMax: number): boolean {
  if (method !== 'POST' || url !== GRAPHQL_PATH) return false;
  const { accept = '*/*', 'content-type': type = '', 'content-length': length = '' } = headers;
  return (
    JSON_TYPE.test(type) &&
    LENGTH.test(length) &&
    Number(length) <= bytesMax &&
    ONE_ANSWER.test(accept) &&
    !accept.includes('charset')
  );
}

/** The text of a request's body; undefined when its sender went away before the end. */
export function readBody(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => void parts.push(part));
    request.once('end', () => {
      const [first = Buffer.alloc(0)] = parts;
      resolve((parts.length > 1 ? Buffer.concat(parts) : first).toString('utf8'));
    });
    request.once('error', () => {
      resolve(undefined);
    });
    request.once('close', () => {
      resolve(undefined);
    });
  });
}

/**
 * The request as Yoga and its plugins ask for it, without the rest of what a `Request` is; undefined for
 * what is no JSON, and for what may begin a stream, which needs the rest.
 */
export function createPlainRequest(request: IncomingMessage, text: string): Request | undefined {
  let params: unknown;
  try {
    params = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { query } = (params ?? {}) as { readonly query?: unknown };
  if (typeof query === 'string' && query.includes('subscription')) return undefined;
  const { headers } = request;
  const valueOf = (name: string): string | null => {
    const value = headers[name.toLowerCase()];
    return typeof value === 'string' ? value : null;
  };
  const plain = {
    method: 'POST',
    url: `http://localhost${GRAPHQL_PATH}`,
    headers: { get: valueOf, has: (name: string) => valueOf(name) !== null },
    // Its size is known to be small enough.
    body: null,
    json: () => Promise.resolve(params),
  };
  return plain as unknown as Request;
}
