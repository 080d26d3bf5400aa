import {
  getOperationAST,
  getVariableValues,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { costOf } from './cost.ts';
import { protocolError } from './protocol-error.ts';

interface Operation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Record<string, unknown> | null | undefined;
}

/** Refuses operations that cost more than `limit`, and tells the cost of the others. */
export function useCost(limit: number): Plugin {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const requested = requestedBy(args);
      // Undefined: the operation or a variable is wrong, and the execution will say so.
      if (requested === undefined) return undefined;
      if (requested > limit) {
        setResultAndStopExecution(refusal(requested, limit));
        return undefined;
      }
      return {
        onExecuteDone({ result, setResult }) {
          if (Symbol.asyncIterator in result) return;
          const { extensions, ...rest } = result as ExecutionResult;
          setResult({ ...rest, extensions: { ...extensions, cost: { requested } } });
        },
      };
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const requested = requestedBy(args);
      if (requested !== undefined && requested > limit) {
        setResultAndStopExecution(refusal(requested, limit));
      }
    },
  };
}

function requestedBy(args: Operation): number | undefined {
  const { schema, document, operationName, variableValues } = args;
  const operation = getOperationAST(document, operationName);
  if (!operation) return undefined;
  const definitions = operation.variableDefinitions ?? [];
  const { coerced } = getVariableValues(schema, definitions, variableValues ?? {}, {
    maxErrors: 1,
  });
  return coerced && costOf({ schema, document, operation, variables: coerced });
}

function refusal(requested: number, limit: number): ExecutionResult {
  const error = protocolError(
    'QUERY_TOO_COMPLEX',
    `The operation costs ${requested}; ${limit} is the most. Ask for fewer entries or fields.`,
  );
  return { errors: [error], extensions: { cost: { requested } } };
}
