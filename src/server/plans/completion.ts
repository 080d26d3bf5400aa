import {
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql';
import { guardOf, type Demands } from './guard.ts';
import {
  abandon,
  Unplanned,
  type Path,
  type Place,
  type PlannedRun,
  type SelectedField,
} from './planned-run.ts';

/** Puts what a value is in the answer at `key` of `place`; `prev` is the path to that place. */
export type Complete = (
  run: PlannedRun,
  value: unknown,
  place: Place,
  key: string | number,
  prev: Path | undefined,
) => void;
/** Puts the selected fields of `row` into `place`. */
export type Fill = (run: PlannedRun, row: object, place: Place, path: Path | undefined) => void;

/** What is planned for the values of a field. */
export interface Values {
  readonly selected: SelectedField;
  /** The fields that are selected of a type. */
  readonly fillOf: (type: GraphQLObjectType) => Fill;
}

/** How values of that type come into an answer. */
export function completionOf(type: GraphQLOutputType, values: Values): Complete {
  if (isNonNullType(type)) return present(completionOf(type.ofType, values));
  if (isListType(type)) return orNull(listOf(completionOf(type.ofType, values)));
  if (isLeafType(type)) return orNull(leafOf(type));
  if (isObjectType(type)) return orNull(objectOf(type, values));
  return orNull(abstractOf(type, values));
}

function present(complete: Complete): Complete {
  return (run, value, place, key, prev) => {
    if (value === null || value === undefined) throw new Unplanned('There has to be something.');
    complete(run, value, place, key, prev);
  };
}

function orNull(complete: Complete): Complete {
  return (run, value, place, key, prev) => {
    if (value === null || value === undefined) place[key] = null;
    else complete(run, value, place, key, prev);
  };
}

function leafOf(type: GraphQLLeafType): Complete {
  return (_run, value, place, key) => {
    const serialized: unknown = type.serialize(value);
    if (serialized === null || serialized === undefined)
      throw new Unplanned('No value of its type.');
    place[key] = serialized;
  };
}

function listOf(complete: Complete): Complete {
  return (run, value, place, key, prev) => {
    if (!Array.isArray(value)) throw new Unplanned('A list that is no array.');
    const list = new Array<unknown>(value.length);
    place[key] = list;
    const path = { prev, key, typename: undefined };
    let index = 0;
    try {
      for (; index < value.length; index += 1) {
        completeOrWait(complete, run, value[index], list as unknown as Place, index, path);
      }
    } catch (error) {
      // Nobody waits for those behind it.
      value.slice(index).forEach(abandon);
      throw error;
    }
  };
}

/** The value now, or when it comes: then it keeps its place among the others. */
export function completeOrWait(
  complete: Complete,
  run: PlannedRun,
  value: unknown,
  place: Place,
  key: string | number,
  prev: Path | undefined,
): void {
  if (!isThenable(value)) {
    complete(run, value, place, key, prev);
    return;
  }
  place[key] = undefined;
  run.later(value, (come) => {
    complete(run, come, place, key, prev);
  });
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<PromiseLike<unknown>>).then === 'function';

interface TypeConfig {
  readonly pothosOptions?: { readonly authScopes?: Demands; readonly grantScopes?: unknown };
  readonly pothosConfig?: { readonly isTypeOf?: unknown };
}

function objectOf(type: GraphQLObjectType, { selected, fillOf }: Values): Complete {
  const { pothosOptions, pothosConfig } = type.extensions as TypeConfig;
  const isOdd = pothosOptions?.grantScopes ?? pothosConfig?.isTypeOf;
  if (!pothosOptions || isOdd) throw new Unplanned(`${type.name} is judged elsewhere.`);
  const guard = guardOf(pothosOptions.authScopes);
  const fill = fillOf(type);
  const typename = selected.parentType.name;
  return (run, value, place, key, prev) => {
    if (typeof value !== 'object' || value === null || value instanceof Error) {
      throw new Unplanned('No object.');
    }
    const answer: Place = {};
    place[key] = answer;
    const path = { prev, key, typename: typeof key === 'string' ? typename : undefined };
    const goOn = (mayBeRead: boolean): void => {
      if (!mayBeRead) throw new Unplanned(`${type.name} may not be read.`);
      fill(run, value, answer, path);
    };
    const mayBeRead = guard?.(run.scopes, value, run.context) ?? true;
    if (mayBeRead instanceof Promise) run.later(mayBeRead, goOn);
    else goOn(mayBeRead);
  };
}

/** An interface or a union: each value tells its type, whose fields are planned when the first comes. */
function abstractOf(type: GraphQLAbstractType, values: Values): Complete {
  const completions = new Map<string, Complete>();
  const { resolveType } = type;
  if (!resolveType) throw new Unplanned(`${type.name} does not tell types.`);
  return (run, value, place, key, prev) => {
    const { schema } = run.asked;
    const info = run.infoOf(values.selected, prev);
    const name = resolveType(value, run.context, info, type);
    if (typeof name !== 'string') throw new Unplanned('A type that is told later, or not at all.');
    let complete = completions.get(name);
    if (!complete) {
      const told = schema.getType(name);
      if (!isObjectType(told) || !schema.isSubType(type, told)) {
        throw new Unplanned(`${name} is no ${type.name}.`);
      }
      complete = objectOf(told, values);
      completions.set(name, complete);
    }
    complete(run, value, place, key, prev);
  };
}
