import { deepStrictEqual } from 'node:assert';
import { createBenchClient } from './bench-http.ts';
import type { Reader } from './read-data.ts';
import { prepareRequest, type PreparedRequest } from './read-client.ts';
import { measureOf, type MeasureName } from './read-measures.ts';
import type { Question } from './read-questions.ts';
import type { System } from './read-systems.ts';

/** The requests of a measure to a system, one for each reader. */
export type Requests = ReadonlyMap<MeasureName, readonly PreparedRequest[]>;

/**
 * Asks each system once for each reader, and compares: throws unless every answer says what the first
 * system's says. Answers with the requests, which from then on know how long their answers are.
 */
export async function verify(
  systems: readonly System[],
  readers: readonly Reader[],
  measures: readonly MeasureName[],
): Promise<ReadonlyMap<System, Requests>> {
  const requests = new Map<System, Map<MeasureName, PreparedRequest[]>>(
    systems.map((system) => [system, new Map()]),
  );
  for (const name of measures) {
    for (const reader of readers) {
      let ours: unknown;
      for (const system of systems) {
        const question: Question | undefined = system.questions
          ? system.questions[name]
          : measureOf(name);
        if (!question) continue;
        const { data, request } = await askOnce(system, { question, name, reader });
        ours ??= data;
        const { normalized, expected } = question;
        check({
          answer: normalized ? normalized(data as never) : data,
          expected: expected ? expected(ours) : ours,
          name: `${name} of ${system.name}`,
        });
        const known = requests.get(system);
        known?.set(name, [...(known.get(name) ?? []), request]);
      }
    }
  }
  return requests;
}

interface Asked {
  readonly question: Question;
  readonly name: MeasureName;
  readonly reader: Reader;
}

async function askOnce(
  { process: { url } }: System,
  { question: { query, variablesOf }, name, reader }: Asked,
): Promise<{ data: unknown; request: PreparedRequest }> {
  const body = JSON.stringify({ query, ...(variablesOf && { variables: variablesOf(reader) }) });
  const token = measureOf(name).isMine ? reader.token : undefined;
  const http = createBenchClient(url);
  try {
    const text = await http.ask(body, token);
    const request = prepareRequest({ url, body, token }, Buffer.byteLength(text));
    const { data } = JSON.parse(text) as { readonly data: unknown };
    return { data, request };
  } finally {
    http.close();
  }
}

function check({
  answer,
  expected,
  name,
}: {
  readonly answer: unknown;
  readonly expected: unknown;
  readonly name: string;
}): void {
  try {
    deepStrictEqual(answer, expected);
  } catch (error) {
    throw new Error(`The answers are not the same: ${name}.`, { cause: error });
  }
}
