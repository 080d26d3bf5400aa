import {
  getOperationAST,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../services/platform/logger.ts';
import { soon, type Soon } from '../services/platform/soon.ts';
import { createKeptDocuments } from './kept-documents.ts';
import { statusOf, textOf, type WrittenResult } from './plain-answer.ts';
import {
  answerTypeOf,
  createPlainRequest,
  isPlainPost,
  readBody,
  readParams,
  type AnswerType,
  type PlainParams,
} from './plain-request.ts';

/** What the plugins know an operation by, before there is a context. */
interface Initial {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly request: Request;
  readonly params: PlainParams;
}

/** The plugins around parsing and validation. */
interface Enveloped {
  readonly parse: (query: string) => DocumentNode;
  readonly validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[];
}

interface PlainPostsPorts {
  readonly schema: GraphQLSchema;
  /** Answers whatever is no plain request. */
  readonly yoga: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;
  readonly getEnveloped: (initial: Initial) => Enveloped;
  readonly contextOf: (initial: Initial) => Soon<object>;
  readonly execute: (args: ExecutionArgs) => Soon<ExecutionResult>;
  readonly maskError: (error: unknown) => GraphQLError;
  /** Of every answer to such a request: names and values, one after another. */
  readonly headersOf: (initial: Initial) => readonly string[];
  readonly bodyBytesMax: number;
  readonly log: Pick<Logger, 'error'>;
}

type AnswerRequest = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Answers what nearly all requests are, a POST of JSON that has one answer, past the model of HTTP of the
 * web, which costs several times what the operation does: a known document is neither parsed nor validated
 * again, the plugins see its execution as any other, and what waits for nothing is answered as soon as the
 * body is there. Whatever is odd about a request is Yoga's to judge, with the body that was read.
 */
export function createPlainPosts(ports: PlainPostsPorts): AnswerRequest {
  const { yoga, headersOf, bodyBytesMax, log } = ports;
  const resultOf = createResults(ports);

  const write = (initial: Initial, result: WrittenResult, type: AnswerType): void => {
    const { res } = initial;
    if (res.destroyed || res.writableEnded) return;
    const body = textOf(result);
    const bytes = Buffer.byteLength(body);
    res.writeHead(statusOf(result, type), [
      ...['content-type', `${type}; charset=utf-8`, 'content-length', String(bytes)],
      ...headersOf(initial),
      ...tagOf(result),
    ]);
    // The same bytes, sooner, where each character is one.
    res.end(body, bytes === body.length ? 'latin1' : 'utf8');
  };
  const answerText = (exchange: Exchange, text: string, type: AnswerType): Soon<void> => {
    const { req, res } = exchange;
    const params = readParams(text);
    const initial = params && { req, res, params, request: createPlainRequest(req) };
    return soon(initial && resultOf(initial), (result) =>
      initial && result
        ? write(initial, result, type)
        : yoga(Object.assign(req, { body: text }), res),
    );
  };

  return (req, res) => {
    const watch = (answered: Soon<void>): void => {
      if (!(answered instanceof Promise)) return;
      answered.catch((error: unknown) => {
        log.error({ err: error }, 'A request could not be answered.');
        res.destroy();
      });
    };
    const type = answerTypeOf(req.headers.accept);
    if (type === undefined || !isPlainPost(req, bodyBytesMax)) watch(yoga(req, res));
    else {
      readBody(req, (text) => {
        watch(answerText({ req, res }, text, type));
      });
    }
  };
}

type Exchange = Pick<Initial, 'req' | 'res'>;

function tagOf({ etag }: WrittenResult): readonly string[] {
  return etag === undefined ? [] : ['etag', etag];
}

/** The result of a query or a mutation; undefined for a subscription. */
function createResults(ports: PlainPostsPorts) {
  const { schema, getEnveloped, contextOf, execute, maskError } = ports;
  const documents = createKeptDocuments();

  /** The document of a request, or what is wrong with it. Throws for what is no GraphQL. */
  const documentOf = (initial: Initial): DocumentNode | readonly GraphQLError[] => {
    const { query, operationName } = initial.params;
    const known = documents.get(query);
    if (known && getOperationAST(known, operationName)) return known;
    const { parse, validate } = getEnveloped(initial);
    // Throws also when there is no operation of that name.
    const document = parse(query);
    const errors = validate(schema, document);
    if (errors.length > 0) return errors;
    documents.set(query, document);
    return document;
  };
  const failed = (error: unknown): ExecutionResult => ({ errors: [maskError(error)] });

  return (initial: Initial): Soon<ExecutionResult | undefined> => {
    const { operationName = null, variables = null } = initial.params;
    try {
      const document = documentOf(initial);
      if (!('kind' in document)) return { errors: document };
      if (isSubscription(document, operationName)) return undefined;
      const result = soon(contextOf(initial), (contextValue) =>
        execute({ schema, document, contextValue, operationName, variableValues: variables }),
      );
      return result instanceof Promise ? result.catch(failed) : result;
    } catch (error) {
      return failed(error);
    }
  };
}

function isSubscription(document: DocumentNode, operationName: string | null): boolean {
  const operation = getOperationAST(document, operationName);
  return operation?.operation === OperationTypeNode.SUBSCRIPTION;
}
