import type { IncomingMessage } from 'node:http';
import { GRAPHQL_PATH } from './graph-path.ts';

const JSON_TYPE = /^application\/json(?:;|$)/;
const LENGTH = /^[1-9]\d*$/;

/** An operation as it came, in the form that the specification gives it. */
export interface PlainParams {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Record<string, unknown> | null;
  readonly extensions?: Record<string, unknown> | null;
}

/** The media types of one answer. */
export type AnswerType = 'application/json' | 'application/graphql-response+json';

const TYPES: ReadonlyMap<string, AnswerType> = new Map([
  ['application/graphql-response+json', 'application/graphql-response+json'],
  ['application/json', 'application/json'],
  ['application/*', 'application/json'],
  ['*/*', 'application/json'],
]);

/** Whether a request is JSON of a known length for the graph. */
export function isPlainPost({ method, url, headers }: IncomingMessage, bytesMax: number): boolean {
  if (method !== 'POST' || url !== GRAPHQL_PATH) return false;
  const { 'content-type': type = '', 'content-length': length = '' } = headers;
  return JSON_TYPE.test(type) && LENGTH.test(length) && Number(length) <= bytesMax;
}

/**
 * What of an Accept header an answer of JSON is: the first that it lists. Undefined for who wants
 * something else, or other letters.
 */
export function answerTypeOf(accept = '*/*'): AnswerType | undefined {
  const usual = TYPES.get(accept);
  if (usual) return usual;
  if (accept.includes('charset')) return undefined;
  for (const entry of accept.split(',')) {
    const [type = ''] = entry.split(';', 1);
    const known = TYPES.get(type.trim().toLowerCase());
    if (known) return known;
  }
  return undefined;
}

/** Calls with the text of a request's body as soon as all of it is there; never for a sender who goes away. */
export function readBody(request: IncomingMessage, onText: (text: string) => void): void {
  let leftBytes = Number(request.headers['content-length']);
  let earlier: Buffer[] | undefined;
  request.on('data', (part: Buffer) => {
    leftBytes -= part.length;
    if (leftBytes > 0) (earlier ??= []).push(part);
    else onText((earlier ? Buffer.concat([...earlier, part]) : part).toString('utf8'));
  });
}

const NAMES: readonly string[] = ['query', 'operationName', 'variables', 'extensions'];

/** Undefined for what is no JSON, and for whatever is odd about it: that is Yoga's to judge. */
export function readParams(text: string): PlainParams | undefined {
  let params: unknown;
  try {
    params = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isMap(params)) return undefined;
  for (const name in params) if (!NAMES.includes(name)) return undefined;
  const { query, operationName, variables, extensions } = params;
  if (typeof query !== 'string') return undefined;
  if (typeof (operationName ?? '') !== 'string') return undefined;
  if (!isMap(variables ?? {}) || !isMap(extensions ?? {})) return undefined;
  return params as unknown as PlainParams;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The request as the plugins and the context ask for it, without the rest of what a `Request` is. */
export function createPlainRequest({ headers }: IncomingMessage): Request {
  const valueOf = (name: string): string | null => {
    const value = headers[name];
    return typeof value === 'string' ? value : null;
  };
  const plain = {
    method: 'POST',
    url: `http://localhost${GRAPHQL_PATH}`,
    headers: { get: valueOf },
  };
  return plain as unknown as Request;
}
