import type { GraphQLError, ExecutionResult } from 'graphql';
import type { AnswerType } from './plain-request.ts';
import { withoutHttp } from './protocol-error.ts';

/** A result that knows its own JSON, as Yoga asks for it too. */
export interface WrittenResult extends ExecutionResult {
  readonly stringify?: (result: ExecutionResult) => string;
  /** Of an answer that may be the same another time. */
  readonly etag?: string;
}

interface HttpExtension {
  readonly status?: number;
  /** A client that takes `application/json` alone gets 200 for it, as it always did. */
  readonly spec?: boolean;
}

const httpOf = ({ extensions }: GraphQLError): HttpExtension =>
  (extensions as { readonly http?: HttpExtension }).http ?? {};

const OK = 200;

/** The greatest status that an error asks for; 200 without one. */
export function statusOf({ errors }: ExecutionResult, type: AnswerType): number {
  if (!errors) return OK;
  const isLegacy = type === 'application/json';
  const asked = errors.map(httpOf).map(({ status = 0, spec }) => (isLegacy && spec ? 0 : status));
  return Math.max(...asked) || OK;
}

/** JSON of a result, without what its errors say for HTTP. */
export function textOf(result: WrittenResult): string {
  const { stringify = JSON.stringify } = result;
  const { errors } = result;
  return stringify(errors ? { ...result, errors: errors.map(withoutHttp) } : result);
}
