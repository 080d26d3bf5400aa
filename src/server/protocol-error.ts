import { GraphQLError, type GraphQLErrorExtensions } from 'graphql';

type Code =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_USER_INPUT'
  | 'QUERY_TOO_COMPLEX'
  | 'RATE_LIMITED'
  | 'INTERNAL';

/** What HTTP says of an operation that was refused before it ran. */
const STATUSES: Readonly<Record<Code, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BAD_USER_INPUT: 400,
  QUERY_TOO_COMPLEX: 400,
  RATE_LIMITED: 429,
  INTERNAL: 500,
};

/**
 * The status of a refusal, where Yoga looks for it. `spec`: clients that take `application/json` alone
 * get 200 for what is wrong with the operation itself, as they always did.
 */
export function httpOf(code: string): GraphQLErrorExtensions {
  const status = (STATUSES as Readonly<Record<string, number | undefined>>)[code];
  if (status === undefined) return {};
  return { http: status === 400 ? { status, spec: true } : { status } };
}

/** A refusal of the whole operation. */
export function protocolError(
  code: Code,
  message: string,
  extensions: GraphQLErrorExtensions = {},
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...extensions, ...httpOf(code) } });
}

/** The error without what is for HTTP alone. */
export function withoutHttp(error: GraphQLError): GraphQLError {
  const { http: _http, ...extensions } = error.extensions;
  const { message, nodes = null, source, positions, path } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}
