/** Where a Redis is: one server, the nodes of a cluster, or the sentinels that know the master. */
export interface RedisAddress {
  readonly kind: 'server' | 'cluster' | 'sentinel';
  readonly isEncrypted: boolean;
  readonly hosts: readonly RedisHost[];
  readonly username?: string;
  readonly password?: string;
  /** Of a server, which has several. */
  readonly database?: number;
  /** What sentinels call the master. */
  readonly master?: string;
}

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

const ADDRESS =
  /^(?<scheme>rediss?)(?:-(?<kind>cluster|sentinel))?:\/\/(?:(?<user>[^@/]*)@)?(?<hosts>[^@/?#]+)(?:\/(?<path>[^/?#]*))?$/;
const HOST = /^(?<host>\[[0-9a-fA-F:.]+\]|[^\s:,[\]]+)(?::(?<port>\d{1,5}))?$/;
const PORT_MAX = 65_535;
const DEFAULT_PORTS = { server: 6379, cluster: 6379, sentinel: 26_379 } as const;

/**
 * Reads `redis://host:port/database`, `redis-cluster://host:port,host:port` or
 * `redis-sentinel://host:port,host:port/master`; `rediss` in place of `redis` for TLS, and `user:password@`
 * before the hosts, percent-encoded. Undefined for anything else.
 */
export function parseRedisAddress(text: string): RedisAddress | undefined {
  const { scheme, kind: given, user, hosts, path = '' } = ADDRESS.exec(text)?.groups ?? {};
  if (scheme === undefined || hosts === undefined) return undefined;
  const kind = (given ?? 'server') as RedisAddress['kind'];
  const found = hosts.split(',').map((host) => parseHost(host, DEFAULT_PORTS[kind]));
  const known = found.filter((host) => host !== undefined);
  if (known.length < found.length || (kind === 'server' && known.length > 1)) return undefined;
  const credentials = parseCredentials(user);
  const place = parsePath(kind, path);
  return (
    credentials &&
    place && { kind, isEncrypted: scheme === 'rediss', hosts: known, ...credentials, ...place }
  );
}

function parseHost(text: string, defaultPort: number): RedisHost | undefined {
  const { host, port } = HOST.exec(text)?.groups ?? {};
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number < 1 || number > PORT_MAX) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port: number };
}

function parseCredentials(text = ''): Pick<RedisAddress, 'username' | 'password'> | undefined {
  const colon = text.indexOf(':');
  const [name, secret] = colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  try {
    const [username, password] = [decodeURIComponent(name), decodeURIComponent(secret)];
    return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
  } catch {
    return undefined;
  }
}

/** The database of a server, or the name of the master of sentinels; a cluster has neither. */
function parsePath(
  kind: RedisAddress['kind'],
  path: string,
): Pick<RedisAddress, 'database' | 'master'> | undefined {
  switch (kind) {
    case 'server':
      if (path === '') return {};
      return /^\d{1,4}$/.test(path) ? { database: Number(path) } : undefined;
    case 'cluster':
      return path === '' ? {} : undefined;
    case 'sentinel':
      return /^[\w.-]+$/.test(path) ? { master: path } : undefined;
  }
}
