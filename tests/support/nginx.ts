import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from './until.ts';

/** From the nginx package of the system; npm has none. */
const PROGRAM = 'nginx';

/** Whether this machine has it. */
export const hasNginx = (): boolean => spawnSync(PROGRAM, ['-v']).error === undefined;

/** nginx before several servers, as an operator would set it up. */
export interface Nginx {
  /** Of GraphQL by way of here. */
  readonly url: string;
  /** What it complained of. */
  errors(): Promise<string>;
  close(): Promise<void>;
}

/**
 * Servers that take no connections are passed over, and asked again with the next request. A request that
 * was sent to one is never sent to another: it may have had its effect. Connections that are kept are
 * dropped sooner than a server that stops does it, so that none is used which is just being closed.
 */
export async function startNginx(port: number, serverPorts: readonly number[]): Promise<Nginx> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tradegraph-nginx-'));
  const errorLog = path.join(folder, 'error.log');
  const configFile = path.join(folder, 'nginx.conf');
  await writeFile(configFile, configOf({ folder, port, serverPorts }));
  // Until it has read its settings, it writes to a file of the system's.
  const arguments_ = ['-p', folder, '-c', configFile, '-e', errorLog];
  const child = spawn(PROGRAM, arguments_, { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const errors = () => readFile(errorLog, 'utf8');
  await until('nginx answers', async () => {
    if (child.exitCode !== null) throw new Error(`nginx ended.\n${await errors()}`);
    return isOpen(port);
  });
  return {
    url: `http://127.0.0.1:${String(port)}/graphql`,
    errors,
    async close() {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface ConfigOptions {
  readonly folder: string;
  readonly port: number;
  readonly serverPorts: readonly number[];
}

const configOf = ({ folder, port, serverPorts }: ConfigOptions): string => `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  map $http_upgrade $connection_to_server { default upgrade; '' ''; }
  upstream tradegraph {
${serverPorts.map((each) => `    server 127.0.0.1:${String(each)} max_fails=0;`).join('\n')}
    keepalive 32;
    keepalive_timeout 500ms;
  }
  server {
    listen 127.0.0.1:${String(port)};
    location / {
      proxy_pass http://tradegraph;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_to_server;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_buffering off;
      proxy_read_timeout 75s;
      proxy_next_upstream error timeout;
    }
  }
}
`;

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
