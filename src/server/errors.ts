import { PothosValidationError } from '@pothos/core';
import { GraphQLError, type GraphQLErrorExtensions } from 'graphql';
import { DomainError, IdempotencyConflict } from '../services/platform/errors.ts';
import type { Ids } from '../services/platform/ids.ts';
import type { Logger } from '../services/platform/logger.ts';
import { httpOf } from './protocol-error.ts';

export interface MaskPorts {
  readonly ids: Ids;
  readonly log: Logger;
  /** Whether messages may say which names come near to one that does not exist. */
  readonly isHelpful: boolean;
}

/** The codes of the protocol. A refusal of the domain that is not data here keeps its own code. */
const CODES = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'RATE_LIMITED',
  'QUERY_TOO_COMPLEX',
  'INTERNAL',
];
/** What a refusal carries besides its code and message, when it carries it. */
const REFUSAL_FIELDS = ['field', 'retryAfterSeconds'] as const;
const SUGGESTION = / Did you mean [^?]*\?/g;
/** Where graphql-js says which variable is wrong, and which part of it. */
const WRONG_VARIABLE = /^Variable "\$(?<name>\w+)" (?:.* at "(?<place>\w+\.[^"]+)")?/s;
/** What graphql-js says of an argument whose variable is null or missing. */
const WRONG_ARGUMENT = /^Argument "/;

/**
 * What leaves of an error. Deliberate ones (a refusal of the domain, an error of the protocol) keep
 * their message and get their code; anything else is a bug: it is logged with an id, and the caller
 * gets that id alone. No SQL, stack, path or text of a library leaves.
 */
export function createMaskError({ ids, log, isHelpful }: MaskPorts) {
  return (error: unknown): GraphQLError => {
    const cause = causeOf(error);
    const shown = shownOf(cause, error);
    if (shown) return at(error, isHelpful ? shown : withoutSuggestion(shown));
    const errorId = ids.next();
    const path = error instanceof GraphQLError ? error.path : undefined;
    log.error({ err: cause, errorId, path }, 'An error was masked.');
    const message = 'Something went wrong on our side.';
    return at(error, { message, extensions: { code: 'INTERNAL', errorId } });
  };
}

interface Shown {
  readonly message: string;
  readonly extensions: GraphQLErrorExtensions;
}

/** The error as it was thrown, under those that graphql-js wrapped around it. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError
    ? causeOf(error.originalError)
    : error;
}

/** Undefined for a bug. `thrown` is the cause with what graphql-js wrapped around it. */
function shownOf(cause: unknown, thrown: unknown): Shown | undefined {
  if (cause instanceof DomainError) {
    const code = cause instanceof IdempotencyConflict ? 'CONFLICT' : cause.code;
    const all = cause as unknown as Record<string, unknown>;
    const fields = REFUSAL_FIELDS.filter((name) => all[name] !== undefined);
    const extra = Object.fromEntries(fields.map((name) => [name, all[name]]));
    return { message: cause.message, extensions: { code, ...extra } };
  }
  // What Pothos says of an id or an argument that it cannot read.
  if (cause instanceof PothosValidationError) {
    return { message: 'This is no id of such an object.', extensions: { code: 'BAD_USER_INPUT' } };
  }
  if (!(cause instanceof GraphQLError) || !(thrown instanceof GraphQLError)) return undefined;
  const wrong = WRONG_VARIABLE.exec(thrown.message)?.groups;
  if (wrong) {
    const field = wrong['place'] ?? wrong['name'];
    return { message: thrown.message, extensions: { code: 'BAD_USER_INPUT', field } };
  }
  const { message, extensions } = cause;
  if (CODES.includes(String(extensions['code']))) return { message, extensions };
  // During execution, graphql-js complains of our own rows, and shows them.
  if (thrown.path !== undefined && !WRONG_ARGUMENT.test(message)) return undefined;
  const { http } = extensions as { http?: { status?: number } };
  const code = http?.status === 403 ? 'FORBIDDEN' : 'BAD_USER_INPUT';
  return { message, extensions: { ...extensions, code } };
}

function withoutSuggestion({ message, extensions }: Shown): Shown {
  return { message: message.replaceAll(SUGGESTION, ''), extensions };
}

/** The shown error at the place of the one that was thrown. */
function at(error: unknown, { message, extensions }: Shown): GraphQLError {
  const isExecuting = error instanceof GraphQLError && error.path !== undefined;
  const http = isExecuting ? {} : httpOf(String(extensions['code']));
  const extended = { ...http, ...extensions };
  if (!(error instanceof GraphQLError)) return new GraphQLError(message, { extensions: extended });
  const { nodes = null, source, positions, path } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions: extended });
}
