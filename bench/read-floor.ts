/**
 * The floor of the measures of reads, in a process of its own: the same JSON posts over plain
 * `node:http`, with SQL written by hand for each known query, and rows mapped to the answer. It verifies
 * tokens and carries row-level security as the program does, and does nothing else: no GraphQL, no
 * limits, no logs. Started by `read-systems.ts`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { escapeLiteral, Pool, type QueryConfig } from 'pg';
import type { ProcessReport } from './bench-process.ts';
import { FLOOR_ANSWERS } from './read-floor-answers.ts';
import { createFloorCallers, type FloorCaller } from './read-floor-callers.ts';
import { MEASURES } from './read-measures.ts';

interface FloorOptions {
  readonly databaseUrl: string;
  readonly secret: string;
  readonly poolSize: number;
}

const options = JSON.parse(process.argv[2] ?? '') as FloorOptions;
const pool = new Pool({
  connectionString: options.databaseUrl,
  max: options.poolSize,
  pipeline: true,
  options: '-c timezone=UTC',
  // Rows as PostgreSQL writes them.
  types: { getTypeParser: () => (text: string) => text },
});
const callerOf = createFloorCallers(pool, options.secret);
const TRIVIAL = '{"data":{"__typename":"Query"}}';

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const body = (parts.length === 1 ? parts[0] : Buffer.concat(parts))?.toString() ?? '';
    answer(request, body).then(
      (text) => {
        send(response, 200, text);
      },
      (error: unknown) => {
        send(response, 500, JSON.stringify({ errors: [String(error)] }));
      },
    );
  });
});
server.listen(0, '127.0.0.1', () => {
  tell({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` });
});
process.on('message', (question) => {
  if (question === 'cpu') tell({ cpu: process.cpuUsage() });
});
// The bench has ended, however that came.
process.on('disconnect', () => process.exit());

async function answer(request: IncomingMessage, body: string): Promise<string> {
  const { query, variables = {} } = JSON.parse(body) as {
    query: string;
    variables?: Record<string, string>;
  };
  const caller = await callerOf(request.headers.authorization);
  if (query === MEASURES.trivial.query) return TRIVIAL;
  const known = FLOOR_ANSWERS.get(query);
  if (!known) throw new Error('The floor does not know this query.');
  const rows = await read(caller, known.statements(caller.userId, variables));
  return JSON.stringify({ data: known.shape(...rows) });
}

/** One transaction in one message, on a connection of its own: its viewer, the statements, the end. */
async function read(
  caller: FloorCaller,
  statements: readonly QueryConfig[],
): Promise<string[][][]> {
  const client = await pool.connect();
  const { stream } = client.connection;
  stream.cork();
  const begun = client.query(beginningOf(caller));
  const read = statements.map((statement) => client.query<string[]>(statement as never));
  const ended = client.query('COMMIT');
  stream.uncork();
  try {
    const [results] = await Promise.all([Promise.all(read), begun, ended]);
    client.release();
    return results.map(({ rows }) => rows);
  } catch (error) {
    client.release(true);
    throw error;
  }
}

/** What the program sets for each of its reads. */
const beginningOf = ({ userId, role }: FloorCaller) =>
  `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL app.user_id = ${escapeLiteral(userId)}; SET LOCAL app.role = ${escapeLiteral(role)};
SET LOCAL app.api_key_environment = ''; SET LOCAL enable_bitmapscan = off`;

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function tell(report: ProcessReport): void {
  process.send?.(report);
}
