import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HealthReport } from '../services/platform/health.ts';

/**
 * Answers `GET /health` as the server does, and nothing else: 200 while the process can work, 503 when
 * it cannot. Rejects when the port is taken.
 */
export async function listenForHealth({
  host,
  port,
  check,
}: {
  readonly host: string;
  readonly port: number;
  /** Never rejects. */
  readonly check: () => Promise<HealthReport>;
}): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const server = createServer(({ method, url }, response) => {
    if ((method !== 'GET' && method !== 'HEAD') || url?.split('?', 1)[0] !== '/health') {
      response.writeHead(404).end();
      return;
    }
    void check().then((report) => {
      const status = report.status === 'DOWN' ? 503 : 200;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(report));
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
