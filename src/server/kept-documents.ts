import type { DocumentNode } from 'graphql';

/** Documents by their text. */
interface KeptDocuments {
  get(query: string): DocumentNode | undefined;
  set(query: string, document: DocumentNode): void;
}

/** Longer ones are rare, and would take the room of many. */
const QUERY_MAX_CHARACTERS = 20_000;
/** A document takes some fifty times the memory of its text. */
const GENERATION_MAX_CHARACTERS = 400_000;
const GENERATION_MAX = 1_000;

/**
 * Documents that were parsed, by their text: what comes again and again is looked up. Two generations:
 * what was not asked for while the younger one filled is forgotten with the older.
 */
export function createKeptDocuments(): KeptDocuments {
  let younger = new Map<string, DocumentNode>();
  let older: typeof younger = new Map();
  let characters = 0;

  const set = (query: string, document: DocumentNode): void => {
    if (query.length > QUERY_MAX_CHARACTERS) return;
    if (younger.size >= GENERATION_MAX || characters > GENERATION_MAX_CHARACTERS) {
      older = younger;
      younger = new Map();
      characters = 0;
    }
    younger.set(query, document);
    characters += query.length;
  };
  return {
    get(query) {
      const young = younger.get(query);
      if (young) return young;
      const old = older.get(query);
      if (old) set(query, old);
      return old;
    },
    set,
  };
}
