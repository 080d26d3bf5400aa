import {
  getOperationAST,
  Kind,
  OperationTypeNode,
  type ExecutionArgs,
  type ExecutionResult,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../schema/context.ts';
import { PUBLIC_WRITES } from '../schema/public-reads.ts';
import { isOnPaper } from '../services/platform/owner-filter.ts';
import type { PublicChanges } from '../services/platform/public-changes.ts';
import type { KeptAnswer, KeptAnswers } from './kept-answers.ts';
import type { ServerContext } from './server-context.ts';
import { publicPlanOf, type PublicPlan } from './public-plan.ts';

export interface PublicReadsPorts {
  readonly answers: KeptAnswers;
  readonly changes: Pick<PublicChanges, 'note'>;
  /** Executes a query in nobody's name, who sees market data. */
  readonly execute: (args: ExecutionArgs) => Promise<ExecutionResult>;
}

/** A result that knows its JSON, and the name of its version. */
interface PublicResult extends ExecutionResult {
  readonly stringify: (result: ExecutionResult) => string;
  readonly etag: string;
}

/** A key that is longer is not looked for: its variables are nothing that many ask for. */
const KEY_MAX_CHARACTERS = 10_000;

/**
 * Answers queries that are the same for everyone from those that are kept. It stands behind whatever
 * judges the caller and the cost, so that these hold as for any other; what the answer says of its cost
 * is the caller's own. Whoever may not see market data is refused by ordinary execution.
 */
export function usePublicReads({ answers, changes, execute }: PublicReadsPorts): Plugin {
  const etags = new WeakMap<Request, string>();
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const given = args as unknown as ExecutionArgs;
      if (writesPublicData(given)) {
        return {
          onExecuteDone() {
            changes.note();
          },
        };
      }
      const plan = publicPlanOf(given.schema, given.document, given.operationName);
      if (!plan || !maySee(given.contextValue as Context)) return undefined;
      const key = keyOf(plan, given.variableValues ?? {});
      if (key.length > KEY_MAX_CHARACTERS) return undefined;
      // A socket writes all of a result as it is.
      const isOfRequest = (given.contextValue as ServerContext).caller !== undefined;
      const give = (answer: KeptAnswer | undefined): void => {
        if (answer)
          setResultAndStopExecution(isOfRequest ? resultOf(answer) : { data: answer.data });
      };
      const answer = answers.answerOf(key, plan, () => execute(given));
      if (answer instanceof Promise) return answer.then(give);
      give(answer);
      return undefined;
    },
    onExecutionResult({ request, result }) {
      const { etag } = (result ?? {}) as Partial<PublicResult>;
      if (etag !== undefined) etags.set(request, etag);
    },
    onResponse({ request, response, fetchAPI, ...payload }) {
      const etag = etags.get(request);
      if (etag === undefined) return;
      response.headers.set('etag', etag);
      if (request.method !== 'GET') return;
      // It may be stored by who asked, and is asked about anew each time.
      response.headers.set('cache-control', 'private, no-cache');
      if (!isMatched(etag, request.headers.get('if-none-match'))) return;
      const headers = new fetchAPI.Headers(response.headers);
      headers.delete('content-type');
      headers.delete('content-length');
      payload.setResponse(new fetchAPI.Response(null, { status: 304, headers }));
    },
  };
}

/** Whoever writes reads it at once: they do not wait until the database tells of it. */
function writesPublicData({ document, operationName }: ExecutionArgs): boolean {
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== OperationTypeNode.MUTATION) return false;
  return operation.selectionSet.selections.some(
    (node) => node.kind !== Kind.FIELD || PUBLIC_WRITES.includes(node.name.value),
  );
}

/** A key for tests is kept to what belongs to tests, which is nobody else's. */
function maySee({ rights, viewer }: Context): boolean {
  return rights.mayReadMarketData && !isOnPaper(viewer);
}

/** A variable that is left to its default is not one that is given. */
function keyOf({ text, variables }: PublicPlan, given: Readonly<Record<string, unknown>>): string {
  if (variables.length === 0) return text;
  return JSON.stringify([text, variables.map((name) => (name in given ? [given[name]] : []))]);
}

function resultOf({ data, text, etag }: KeptAnswer): PublicResult {
  return {
    data,
    etag,
    stringify: ({ extensions }) =>
      extensions
        ? `{"data":${text},"extensions":${JSON.stringify(extensions)}}`
        : `{"data":${text}}`,
  };
}

/** Weakly, as If-None-Match compares (RFC 9110, 13.1.2). */
function isMatched(etag: string, header: string | null): boolean {
  if (header === null) return false;
  const bare = etag.replace(/^W\//, '');
  const asked = header.split(',').map((each) => each.trim());
  return asked.some((each) => each === '*' || each.replace(/^W\//, '') === bare);
}
