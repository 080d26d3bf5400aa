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

/** Deeper than any input of the graph; graphql-js walks variables by recursion, and has a stack to lose. */
const VARIABLES_DEPTH_MAX = 32;

function refusalOf({ document, variableValues }: Operation): GraphQLError | undefined {
  const refused = variablesProblem(variableValues);
  if (refused !== undefined) return protocolError('BAD_USER_INPUT', refused);
  return isStorableDocument(document)
    ? undefined
    : protocolError('BAD_USER_INPUT', unstorable('A text'));
}

/** Of documents that come again: Yoga keeps them parsed. */
const verdicts = new WeakMap<DocumentNode, boolean>();

function isStorableDocument(document: DocumentNode): boolean {
  const known = verdicts.get(document);
  if (known !== undefined) return known;
  const texts: string[] = [];
  visit(document, { [Kind.STRING]: ({ value }) => void texts.push(value) });
  const verdict = texts.every(isStorableText);
  verdicts.set(document, verdict);
  return verdict;
}

/** Level by level, not by recursion: the depth is the caller's to choose. */
function variablesProblem(variables: unknown): string | undefined {
  let level: (readonly [name: string, value: unknown])[] = isObject(variables)
    ? Object.entries(variables)
    : [];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > VARIABLES_DEPTH_MAX) {
      return `Variables may be nested ${String(VARIABLES_DEPTH_MAX)} levels deep.`;
    }
    const next: typeof level = [];
    for (const [name, value] of level) {
      if (typeof value === 'string' && !isStorableText(value)) {
        return unstorable(`The variable "$${name}"`);
      }
      if (!isObject(value)) continue;
      for (const inner of Object.values(value)) next.push([name, inner]);
    }
    level = next;
  }
  return undefined;
}

const unstorable = (place: string): string =>
  `${place} holds a character that cannot be stored: code 0, or half of a surrogate pair.`;

function isObject(value: unknown): value is object {
  return value !== null && typeof value === 'object';
}

function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
