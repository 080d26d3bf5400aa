import {
  getOperationAST,
  Kind,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type SelectionNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Clock } from '../services/platform/clock.ts';
import { DomainError } from '../services/platform/errors.ts';
import type { Logger } from '../services/platform/logger.ts';
import type { ServerContext } from './server-context.ts';
import { deliveredIn } from './delivered-events.ts';

export interface OperationLogPorts {
  readonly log: Logger;
  readonly clock: Clock;
}

/** A name may be as long as a document; a line of the log may not. */
const NAME_MAX_CHARACTERS = 64;

/**
 * One line of the log for each operation: who, what, how long, what it cost, and the codes of its errors.
 * Never a variable, an argument or a value, since those hold what people keep secret. A subscription is
 * told when it ends. A document that is wrong is told before it is known who sent it.
 */
export function useOperationLog({ log, clock }: OperationLogPorts): Plugin {
  const begin = (args: OperationArguments) => {
    const startedMs = clock.now().getTime();
    const about = aboutOf(args);
    return (more: object) => {
      const durationMs = clock.now().getTime() - startedMs;
      const { requestedCost: cost } = args.contextValue as ServerContext;
      log.info({ ...about, durationMs, cost, ...more }, 'Operation.');
    };
  };
  return {
    onValidate({ params }) {
      return ({ valid, result, context }) => {
        if (valid) return;
        const codes = codesOf(result as readonly GraphQLError[]);
        const document = params.documentAST as DocumentNode;
        const about = aboutOf({ document, contextValue: context });
        log.info({ ...about, errorCodes: codes }, 'Operation.');
      };
    },
    onExecute({ args }) {
      const end = begin(args);
      return {
        onExecuteDone({ result }) {
          if (!(Symbol.asyncIterator in result)) end(outcomeOf(result));
        },
      };
    },
    onSubscribe({ args }) {
      const end = begin(args);
      let events = 0;
      return {
        onSubscribeResult({ result }) {
          if (!(Symbol.asyncIterator in result)) end(outcomeOf(result));
          return {
            onNext() {
              events += 1;
            },
            onEnd() {
              end({ events: events + deliveredIn(args.contextValue) });
            },
          };
        },
      };
    },
  };
}

interface OperationArguments {
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly contextValue?: unknown;
}

function aboutOf({ document, operationName, contextValue }: OperationArguments) {
  const operation = getOperationAST(document, operationName);
  const { viewer } = (contextValue ?? {}) as Partial<ServerContext>;
  return {
    requestId: viewer?.requestId ?? null,
    userId: viewer?.userId ?? null,
    ...(viewer?.apiKey && { apiKeyId: viewer.apiKey.id }),
    operation: operation?.name?.value.slice(0, NAME_MAX_CHARACTERS) ?? null,
    kind: operation?.operation ?? null,
    // The first field tells what an operation without a name is about.
    field: firstField(operation?.selectionSet.selections ?? []),
  };
}

function firstField(selections: readonly SelectionNode[]): string | null {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) return selection.name.value.slice(0, NAME_MAX_CHARACTERS);
  }
  return null;
}

function outcomeOf({ errors }: ExecutionResult): object {
  return errors && errors.length > 0 ? { errorCodes: codesOf(errors) } : {};
}

function codesOf(errors: readonly GraphQLError[]): readonly string[] {
  return [...new Set(errors.map(codeOf))];
}

/** A refusal of the domain has its code within; what has none is a bug, which is logged by itself. */
function codeOf({ originalError, extensions }: GraphQLError): string {
  if (originalError instanceof DomainError) return originalError.code;
  return typeof extensions['code'] === 'string' ? extensions['code'] : 'INTERNAL';
}
