import { encodeGlobalId, NODE_TYPES } from '../../src/schema/global-ids.ts';
import type { Estate } from '../support/estate.ts';
import type { Graph } from '../support/graph.ts';
import { walk, type Sight } from '../support/graph-walk.ts';
import type { Caller } from './isolation-table.ts';
import { personOf } from './isolation-callers.ts';
import { readRootTable } from './isolation-lines.ts';
import { argumentsOf, rootsOf } from './isolation-roots.ts';
import { secretsOf, thingsOf } from './isolation-things.ts';

/** A walk makes hundreds of requests; a machine with much else to do takes its time for them. */
export const WALK_TIMEOUT_MS = 600_000;

export interface Walked {
  readonly sights: readonly Sight[];
  /** The documents whose answers held a secret of the owner's, and which. */
  readonly leaks: readonly { readonly document: string; readonly secret: string }[];
}

/** All that a caller sees of the graph, by whatever way they ask. */
export async function walkAs(
  caller: Caller,
  { estate, graph, token }: { estate: Estate; graph: Graph; token: string | undefined },
): Promise<Walked> {
  const things = thingsOf(estate);
  const secrets = secretsOf(estate);
  const leaks: { document: string; secret: string }[] = [];
  const sights = await walk({
    schema: graph.schema,
    roots: rootsOf(things),
    args: argumentsOf(things),
    // The others see nearly all, or just what a stranger sees.
    isBrief: caller !== 'anonymous' && caller !== 'stranger',
    async ask(document) {
      const answer = await graph.ask(document, token);
      const text = JSON.stringify(answer);
      for (const secret of secrets) if (text.includes(secret)) leaks.push({ document, secret });
      return answer;
    },
  });
  return { sights, leaks };
}

/** What the market tells everyone. */
const EVERYONES = ['CorporateAction', 'Instrument'];

/** Where a caller came to an object that is neither public, by the lines of `Query.node`, nor theirs. */
export function trespassesOf(
  caller: Caller,
  { estate, sights }: { readonly estate: Estate; readonly sights: readonly Sight[] },
): string[] {
  const self = personOf(estate, caller);
  const things = thingsOf(estate);
  const visible = new Set([
    ...(self ? [encodeGlobalId('User', self.id)] : []),
    // Whoever walks has the session that they walk with.
    ...sights.flatMap(({ typeName, fieldName, value, id = '' }) =>
      typeName === 'Session' && fieldName === 'isCurrent' && value === true ? id : [],
    ),
    ...readRootTable()
      .filter(({ fieldName, outcomes }) => fieldName === 'node' && outcomes[caller] === 'data')
      .map(({ thing = '' }) => things[thing]?.id ?? ''),
  ]);
  const ways = sights
    .filter(({ typeName }) => !EVERYONES.includes(typeName) && NODE_TYPES.includes(typeName))
    .filter(({ id }) => !visible.has(String(id)))
    .map(({ path, typeName }) => `${path}: ${typeName}`);
  return [...new Set(ways)];
}

/** The lists that count more, or fewer, entries than they show: none is longer than a page here. */
export function miscountsOf(sights: readonly Sight[]): string[] {
  const wrong: string[] = [];
  let shown: unknown[] = [];
  for (const { path, fieldName, value } of sights) {
    if (fieldName === 'nodes') shown = Array.isArray(value) ? value : [];
    if (fieldName === 'totalCount' && value !== shown.length) {
      wrong.push(`${path}: ${String(value)} for ${shown.length}`);
    }
  }
  return wrong;
}
