import {
  getOperationAST,
  getVariableValues,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { CostBudget } from '../services/accounts/cost-budget.ts';
import { RateLimited } from '../services/platform/errors.ts';
import { isoTime } from '../schema/iso-time.ts';
import { soon, type Soon } from '../services/platform/soon.ts';
import { costOf } from './cost.ts';
import { protocolError } from './protocol-error.ts';
import type { ServerContext } from './server-context.ts';

interface Operation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Record<string, unknown> | null | undefined;
}

export interface CostPorts {
  /** The most that one operation may cost. */
  readonly limit: number;
  readonly budget: CostBudget;
}

/**
 * Refuses operations that cost too much, by themselves or together with the caller's others of this
 * minute, and tells the cost of those that run.
 */
export function useCost(ports: CostPorts): Plugin {
  return {
    onExecute: ({ args, setResultAndStopExecution }) =>
      soon(judge(ports, args), (verdict) => {
        if (verdict?.refusal) setResultAndStopExecution(verdict.refusal);
        if (!verdict || verdict.refusal) return undefined;
        return {
          onExecuteDone({ result, setResult }) {
            if (Symbol.asyncIterator in result) return;
            const { extensions, ...rest } = result as ExecutionResult;
            setResult({ ...rest, extensions: { ...extensions, cost: verdict.cost } });
          },
        };
      }),
    async onSubscribe({ args, setResultAndStopExecution }) {
      const verdict = await judge(ports, args);
      if (verdict?.refusal) setResultAndStopExecution(verdict.refusal);
    },
  };
}

interface Verdict {
  readonly cost?: { requested: number; remaining: number; resetAt: string };
  readonly refusal?: ExecutionResult;
}

/** Undefined: the operation or a variable is wrong, and the execution will say so. */
function judge(
  { limit, budget }: CostPorts,
  args: Operation & { readonly contextValue?: unknown },
): Soon<Verdict | undefined> {
  const requested = requestedBy(args);
  if (requested === undefined) return undefined;
  const context = args.contextValue as ServerContext;
  context.requestedCost = requested;
  if (requested > limit) return { refusal: tooComplex(requested, limit) };
  const verdict = soon(budget.take(context.viewer, requested), ({ remaining, resetAt }) => ({
    cost: { requested, remaining, resetAt: isoTime(resetAt.getTime()) },
  }));
  if (!(verdict instanceof Promise)) return verdict;
  return verdict.catch((error: unknown) => {
    if (!(error instanceof RateLimited)) throw error;
    return { refusal: overBudget(requested, error) };
  });
}

function requestedBy(args: Operation): number | undefined {
  const { schema, document, operationName, variableValues } = args;
  const operation = getOperationAST(document, operationName);
  if (!operation) return undefined;
  const definitions = operation.variableDefinitions ?? [];
  if (definitions.length === 0) return fixedCostOf(schema, document, operation);
  const { coerced } = getVariableValues(schema, definitions, variableValues ?? {}, {
    maxErrors: 1,
  });
  return coerced && costOf({ schema, document, operation, variables: coerced });
}

/** Of operations without variables, which cost the same each time; Yoga keeps their documents. */
const fixedCosts = new WeakMap<OperationDefinitionNode, number>();

function fixedCostOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): number {
  const known = fixedCosts.get(operation);
  if (known !== undefined) return known;
  const cost = costOf({ schema, document, operation, variables: {} });
  fixedCosts.set(operation, cost);
  return cost;
}

function tooComplex(requested: number, limit: number): ExecutionResult {
  const error = protocolError(
    'QUERY_TOO_COMPLEX',
    `The operation costs ${requested}; ${limit} is the most. Ask for fewer entries or fields.`,
  );
  return { errors: [error], extensions: { cost: { requested } } };
}

function overBudget(requested: number, { retryAfterSeconds }: RateLimited): ExecutionResult {
  const message =
    `Your operations of this minute have used up their budget; this one costs ${requested}. ` +
    `Try again in ${retryAfterSeconds} s.`;
  const error = protocolError('RATE_LIMITED', message, { retryAfterSeconds });
  return { errors: [error], extensions: { cost: { requested } } };
}
