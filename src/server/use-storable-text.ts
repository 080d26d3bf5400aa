import { Kind, visit, type DocumentNode, type GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { protocolError } from './protocol-error.ts';

/**
 * Refuses text that PostgreSQL cannot hold: the character of code 0, and halves of characters. It
 * would come back as an error of the database, which the caller could not understand.
 */
export function useStorableText(): Plugin {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const refused = refusalOf(args);
      if (refused) setResultAndStopExecution({ errors: [refused] });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const refused = refusalOf(args);
      if (refused) setResultAndStopExecution({ errors: [refused] });
    },
  };
}

interface Operation {
  readonly document: DocumentNode;
  readonly variableValues?: unknown;
}

function refusalOf({ document, variableValues }: Operation): GraphQLError | undefined {
  let isStorable = isStorableValue(variableValues);
  visit(document, {
    [Kind.STRING]({ value }) {
      isStorable &&= isStorableText(value);
    },
  });
  return isStorable
    ? undefined
    : protocolError('BAD_USER_INPUT', 'A text holds a character that is none.');
}

function isStorableValue(value: unknown): boolean {
  if (typeof value === 'string') return isStorableText(value);
  if (value === null || typeof value !== 'object') return true;
  return Object.values(value).every(isStorableValue);
}

function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
