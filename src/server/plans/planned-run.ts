import type { FieldNode, GraphQLField, GraphQLObjectType, GraphQLResolveInfo } from 'graphql';
import type { Context } from '../../schema/context.ts';
import type { Scopes } from './guard.ts';

/** Thrown where only ordinary execution knows the answer: a refusal, an error, something odd. */
export class Unplanned extends Error {}

/** Nobody waits any more for what may come later: it may fail unseen. */
export function abandon(later: unknown): void {
  if (later instanceof Promise) later.catch(() => undefined);
}

/** Where parts of an answer are put: an object by the names of its fields, a list by places. */
export type Place = Record<string | number, unknown>;
export type Path = GraphQLResolveInfo['path'];

/** What is the same for all fields of one run. */
export type Asked = Pick<
  GraphQLResolveInfo,
  'fragments' | 'operation' | 'rootValue' | 'schema' | 'variableValues'
>;

/** A field of a selection, and all places where it is selected. */
export interface SelectedField {
  readonly key: string;
  readonly nodes: readonly FieldNode[];
  readonly field: GraphQLField<unknown, unknown>;
  readonly parentType: GraphQLObjectType;
}

/**
 * One run of a plan. What has to be waited for leaves its place in the answer and fills it when it
 * comes; the run is over when nothing is waited for.
 */
export class PlannedRun {
  readonly context: Context;
  readonly scopes: Scopes;
  readonly asked: Asked;
  #waiting = 0;
  #error: unknown;
  #over: (() => void) | undefined;

  constructor(context: Context, scopes: Scopes, asked: Asked) {
    this.context = context;
    this.scopes = scopes;
    this.asked = asked;
  }

  /** Goes on with what `promise` brings. After an error nothing goes on, and nothing is left waiting. */
  later<Value>(promise: PromiseLike<Value>, goOn: (value: Value) => void): void {
    this.#waiting += 1;
    promise.then(
      (value) => {
        try {
          if (this.#error === undefined) goOn(value);
        } catch (error) {
          this.fail(error);
        }
        this.#arrive();
      },
      (error: unknown) => {
        this.fail(error);
        this.#arrive();
      },
    );
  }

  /** Whether the answer is whole; a promise while something is waited for. */
  finish(): boolean | Promise<boolean> {
    if (this.#waiting === 0) return this.#error === undefined;
    return new Promise((resolve) => {
      this.#over = () => {
        resolve(this.#error === undefined);
      };
    });
  }

  /** What resolvers are told of where they are. */
  infoOf({ field, key, nodes, parentType }: SelectedField, prev: Path | undefined) {
    return {
      ...this.asked,
      fieldName: field.name,
      fieldNodes: nodes,
      returnType: field.type,
      parentType,
      path: { prev, key, typename: parentType.name },
    } satisfies GraphQLResolveInfo;
  }

  fail(error: unknown): void {
    this.#error ??= error ?? new Unplanned();
  }

  #arrive(): void {
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#over?.();
  }
}
