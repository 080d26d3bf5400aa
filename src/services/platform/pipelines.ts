import type { Conversation, Conversations } from './conversation.ts';
import type { Pipeline, RowsOf } from './pipeline.ts';
import { gatherParts, type DonePart, type HandedPart, type Settled } from './handed-parts.ts';
import { eventsInsert } from './outbox.ts';
import { callsTogether, together, type Query } from './query.ts';
import {
  asServer,
  beginQueries,
  beginWrites,
  continueAsWorker,
  isSameTo,
} from './viewer-settings.ts';
import type { Viewer } from './viewer.ts';
import type { Writes } from './writes.ts';

export interface Piped<T> {
  readonly result: T;
  /** Whether it told anything, so that the relay has work. */
  readonly isNews: boolean;
}

export interface Pipelines {
  run<T>(viewer: Viewer, work: (pipeline: Pipeline) => Promise<T>): Promise<Piped<T>>;
  /** The same where the worker's connection begins with the rights of the server; see there. */
  runHanded<T>(parts: readonly HandedPart<T>[]): Promise<Piped<readonly Settled<T>[]>>;
}

/** So long it waits for a lock, and others with it; whoever can wait longer goes another way then. */
const HANDED_LOCK_MS = 100;

/** Runs work in transactions: committed when it resolves, and else rolled back. */
export function createPipelines(converse: Conversations): Pipelines {
  return {
    run: (viewer, work) =>
      converse({ begin: beginQueries(viewer), prefix: '' }, async (conversation) => {
        const kept: (readonly Writes[])[] = [];
        const result = await work({
          async ask<Queries extends readonly Query[]>(...queries: Queries) {
            return (await ask(conversation, queries)) as RowsOf<Queries>;
          },
          store: (...writes) => void kept.push(writes),
        });
        await conversation.commit(kept.flatMap(statementsOf));
        return { result, isNews: isNews(kept) };
      }),

    runHanded: (parts) =>
      converse({ begin: BEGIN_HANDED, prefix: 'as_server_' }, async (conversation) => {
        let viewer: Viewer | undefined;
        const behind = (next: Viewer): readonly Query[] => {
          const isThere = viewer !== undefined && isSameTo(viewer, next);
          viewer = next;
          return isThere ? [] : [asServer(next)];
        };
        const done = await gatherParts(parts, async (asked) => {
          const all = asked.map((each) => ({ ...each, before: behind(each.viewer) }));
          const rows = await ask(
            conversation,
            all.flatMap(({ before, queries }) => [...before, ...queries]),
          );
          let at = 0;
          return all.map(({ before, queries }) => {
            const from = at + before.length;
            at = from + queries.length;
            return rows.slice(from, at);
          });
        });
        const result = done.map(({ settled }) => settled);
        const stored = done.filter(({ settled }) => settled.status === 'fulfilled');
        // What nobody has done is rolled back.
        if (stored.length === 0) return { result, isNews: false };
        await conversation.commit([
          ...stored.flatMap(({ viewer: of, kept }) =>
            kept.length > 0 ? [...behind(of), ...kept.flatMap(statementsOf)] : [],
          ),
          ...statementsOfWorker(stored),
        ]);
        const all = stored.flatMap(({ kept, keptByWorker }) => [...kept, ...keptByWorker]);
        return { result, isNews: isNews(all) };
      }),
  };
}

const BEGIN_HANDED: readonly Query[] = [
  ...beginWrites(),
  { text: "SELECT set_config('lock_timeout', $1, true)", values: [String(HANDED_LOCK_MS)] },
];

async function ask(
  conversation: Conversation,
  queries: readonly Query[],
): Promise<readonly (readonly object[])[]> {
  const answers = await conversation.send(queries.map((query) => ({ query, isAsked: true })));
  return answers.map(({ rows }) => rows);
}

const isNews = (kept: readonly (readonly Writes[])[]): boolean =>
  kept.flat().some(({ events }) => events.length > 0);

/** Of what was stored at once: one statement, and one for the calls. */
function statementsOf(stored: readonly Writes[]): readonly Query[] {
  return [...changesOf(stored), ...callsTogether(callsOf(stored))];
}

/** The same of what several parts store as the worker, and last what guards all of it. */
function statementsOfWorker(parts: readonly DonePart<unknown>[]): readonly Query[] {
  const kept = parts.flatMap(({ keptByWorker }) => keptByWorker);
  const guards = new Map(parts.flatMap((part) => part.guards));
  const calls = [
    ...kept.flatMap(callsOf),
    ...[...guards].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, call]) => call),
  ];
  const all = [...kept.flatMap(changesOf), ...callsTogether(calls)];
  return all.length > 0 ? [continueAsWorker(), ...all] : [];
}

function changesOf(stored: readonly Writes[]): readonly Query[] {
  const queries = stored.flatMap((writes) => writes.queries);
  const events = stored.flatMap((writes) => writes.events);
  const all = events.length > 0 ? [...queries, eventsInsert(events)] : queries;
  return all.length > 0 ? [together(all)] : [];
}

const callsOf = (stored: readonly Writes[]): readonly Query[] =>
  stored.flatMap((writes) => writes.calls ?? []);
