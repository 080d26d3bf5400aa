import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Config } from '../services/platform/config/config.ts';
import { NotFound } from '../services/platform/errors.ts';
import { STATEMENT_PATH, type StatementFile } from '../services/portfolio/statement-links.ts';
import type { ServerApp } from './ports.ts';
import { securityHeaders } from './use-security-headers.ts';

interface DownloadPorts {
  readonly app: Pick<ServerApp, 'services' | 'log'>;
  readonly config: Pick<Config, 'environment'>;
}

/** Whether a request asks for what the link of a statement leads to. */
export function isStatementDownload({ method, url }: IncomingMessage): boolean {
  return method === 'GET' && (url?.startsWith(STATEMENT_PATH) ?? false);
}

/**
 * Sends the statement of a link as a file, a piece at a time and as fast as it is read: 404 for a link that
 * is not ours or is over. The token is all that is asked for, since it is the permission.
 */
export async function answerStatement(
  { app, config }: DownloadPorts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers = { ...securityHeaders(config.environment), 'cache-control': 'no-store' };
  const token = (request.url ?? '').slice(STATEMENT_PATH.length);
  let file: StatementFile;
  try {
    file = await app.services.statementLinks.open(token);
  } catch (error) {
    if (!(error instanceof NotFound)) {
      app.log.error({ err: error }, 'A statement could not be opened.');
    }
    response.writeHead(error instanceof NotFound ? 404 : 500, headers).end();
    return;
  }
  response.writeHead(200, {
    ...headers,
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': `attachment; filename="${file.fileName}"`,
    'x-content-type-options': 'nosniff',
  });
  // A reader who goes away ends it; an error in the middle cuts the answer, and is no whole file.
  await pipeline(Readable.from(file.csv), response).catch((error: unknown) => {
    if (!response.destroyed) response.destroy();
    app.log.warn({ err: error }, 'A statement was not read to its end.');
  });
}
