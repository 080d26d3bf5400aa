import {
  getOperationAST,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
} from 'graphql';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createKeptDocuments } from './kept-documents.ts';
import { statusOf, textOf, type WrittenResult } from './plain-answer.ts';
import {
  answerTypeOf,
  createPlainRequest,
  isPlainPost,
  readBody,
  readParams,
  type PlainParams,
} from './plain-request.ts';

/** What the plugins know an operation by, before there is a context. */
interface Initial {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly request: Request;
  readonly params: PlainParams;
}

/** The plugins around parsing, validation, context and execution. */
interface Enveloped {
  readonly schema: ExecutionArgs['schema'];
  readonly parse: (query: string) => DocumentNode;
  readonly validate: (schema: unknown, document: DocumentNode) => readonly GraphQLError[];
  readonly contextFactory: () => unknown;
  readonly execute: (args: ExecutionArgs) => Promise<ExecutionResult> | ExecutionResult;
}

interface PlainPostsPorts {
  /** Answers whatever is no plain request. */
  readonly yoga: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;
  readonly getEnveloped: (initial: Initial) => Enveloped;
  readonly maskError: (error: unknown) => GraphQLError;
  /** Of every answer to such a request: names and values, one after another. */
  readonly headersOf: (initial: Initial) => readonly string[];
  readonly bodyBytesMax: number;
}

type AnswerRequest = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Answers what nearly all requests are, a POST of JSON that has one answer, past the model of HTTP of the
 * web, which costs several times what the operation does: the body is read at once, a known document is
 * neither parsed nor validated again, and status, headers and text are written at once. The plugins see
 * the operation as any other. Whatever is odd about a request is Yoga's to judge, with the body that was
 * read.
 */
export function createPlainPosts(ports: PlainPostsPorts): AnswerRequest {
  const { yoga, headersOf, bodyBytesMax } = ports;
  const resultOf = createResults(ports);
  return async (request, response) => {
    const type = answerTypeOf(request.headers.accept);
    if (type === undefined || !isPlainPost(request, bodyBytesMax)) {
      await yoga(request, response);
      return;
    }
    const text = await readBody(request);
    // Whoever sent it is gone.
    if (text === undefined) return;
    const params = readParams(text);
    const initial = params && {
      ...{ req: request, res: response, params },
      request: createPlainRequest(request),
    };
    const result = initial && (await resultOf(initial));
    if (!result) {
      await yoga(Object.assign(request, { body: text }), response);
      return;
    }
    if (response.destroyed || response.writableEnded) return;
    const body = textOf(result);
    const bytes = Buffer.byteLength(body);
    response.writeHead(statusOf(result, type), [
      ...['content-type', `${type}; charset=utf-8`, 'content-length', String(bytes)],
      ...headersOf(initial),
      ...tagOf(result),
    ]);
    // The same bytes, sooner, where each character is one.
    response.end(body, bytes === body.length ? 'latin1' : 'utf8');
  };
}

function tagOf({ etag }: WrittenResult): readonly string[] {
  return etag === undefined ? [] : ['etag', etag];
}

/** The result of a query or a mutation; undefined for a subscription. */
function createResults({ getEnveloped, maskError }: PlainPostsPorts) {
  const documents = createKeptDocuments();
  return async (initial: Initial): Promise<ExecutionResult | undefined> => {
    const { query, operationName = null, variables } = initial.params;
    try {
      const enveloped = getEnveloped(initial);
      const { schema } = enveloped;
      let document = documents.get(query);
      if (!document || !getOperationAST(document, operationName)) {
        // Throws for what is no GraphQL, and when there is no operation of that name.
        document = enveloped.parse(query);
        const errors = enveloped.validate(schema, document);
        if (errors.length > 0) return { errors };
        documents.put(query, document);
      }
      if (isSubscription(document, operationName)) return undefined;
      const contextValue = await enveloped.contextFactory();
      const args = { schema, document, contextValue, operationName };
      return await enveloped.execute({ ...args, variableValues: variables ?? null });
    } catch (error) {
      return { errors: [maskError(error)] };
    }
  };
}

function isSubscription(document: DocumentNode, operationName: string | null): boolean {
  const operation = getOperationAST(document, operationName);
  return operation?.operation === OperationTypeNode.SUBSCRIPTION;
}
