import { escapeLiteral } from 'pg';
import type { Query } from './query.ts';
import { systemViewer, type Viewer } from './viewer.ts';

/** What each transaction sets for itself, by the name of the setting; row-level security reads it. */
function viewerSettings({ userId, role, apiKey }: Viewer): Readonly<Record<string, string>> {
  return {
    'app.user_id': userId ?? '',
    'app.role': role,
    'app.api_key_environment': apiKey?.environment ?? '',
  };
}

const READS = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
const WRITES = 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE';

/**
 * The statements that begin a write and set its viewer, for one message: what is set locally ends with
 * the transaction, however that ends. All of a viewer is set each time, so that nothing of one who came
 * before could remain even so.
 */
export function beginStatements(viewer: Viewer): string {
  const sets = Object.entries(viewerSettings(viewer)).map(
    ([name, value]) => `SET LOCAL ${name} = ${escapeLiteral(value)}`,
  );
  return [WRITES, ...sets].join('; ');
}

const SETTINGS = `SELECT set_config('app.user_id', $1, true), set_config('app.role', $2, true),
  set_config('app.api_key_environment', $3, true)`;

const READ_SETTINGS = `${SETTINGS}, set_config('enable_bitmapscan', 'off', true),
  set_config('plan_cache_mode', 'force_generic_plan', true)`;

/**
 * The same for a read, whose statements are prepared.
 *
 * It walks an index and stops at its limit. PostgreSQL takes the list of each parent to be of average
 * length; where most are short, it would read the longest one whole, by a bitmap, to sort it.
 *
 * It plans a statement once for a connection: for a list of ids PostgreSQL would do it anew each time,
 * which takes longer than to read a page. So what a statement is planned by stands in its text, and not
 * in its values.
 */
export function beginReads(viewer: Viewer): readonly Query[] {
  return [
    { text: READS, values: [] },
    { text: READ_SETTINGS, values: Object.values(viewerSettings(viewer)) },
  ];
}

const ROLE_AND_SETTINGS = `SELECT set_config('role', $4, true), ${SETTINGS.slice('SELECT '.length)}`;

/** The same for a write whose statements are prepared. */
export function beginQueries(viewer: Viewer): readonly Query[] {
  return [
    { text: WRITES, values: [] },
    { text: SETTINGS, values: Object.values(viewerSettings(viewer)) },
  ];
}

/** How a write begins that is nobody's yet. */
export const beginWrites = (): readonly Query[] => [{ text: WRITES, values: [] }];

/** From here on the transaction of a worker's is the viewer's, with no more rights than the server has. */
export const asServer = (viewer: Viewer): Query => switchTo('tradegraph_server', viewer);

/** Whether the walls are the same for both. */
export function isSameTo(one: Viewer, other: Viewer): boolean {
  const [settings, others] = [one, other].map((viewer) => Object.values(viewerSettings(viewer)));
  return settings?.every((value, index) => value === others?.[index]) ?? false;
}

/** From here on the transaction is the worker's again. */
export const continueAsWorker = (): Query => switchTo('none', systemViewer());

const switchTo = (role: string, viewer: Viewer): Query => ({
  text: ROLE_AND_SETTINGS,
  values: [...Object.values(viewerSettings(viewer)), role],
});
