import type { Plugin } from 'graphql-yoga';
import type { SessionCookies } from '../schema/context.ts';
import type { Clock } from '../services/platform/clock.ts';
import type { Config } from '../services/platform/config/config.ts';

/** What a request brought in cookies, and what its answer takes back. */
export interface CookieJar extends SessionCookies {
  readonly accessToken: string | undefined;
}

export interface CookieJars {
  /** Whether pages of the listed origins may send cookies. */
  readonly isOpen: boolean;
  /** The jar of a request, the same each time. */
  of(request: Request): CookieJar;
  /** The access token among the headers that open a socket. */
  accessTokenOf(
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): string | undefined;
  /** What a request's jar was given, for its answer: a value of `set-cookie` each. */
  linesOf(request: Request): readonly string[];
  /** Puts them on answers of Yoga. */
  readonly plugin: Plugin;
}

export interface CookieJarsOptions {
  readonly config: Pick<Config, 'environment' | 'http'>;
  readonly clock: Clock;
}

/** Of a request that has no cookies, and whose answer can set none. */
export const NO_COOKIES: CookieJar = {
  accessToken: undefined,
  refreshToken: undefined,
  keep: () => undefined,
  drop: () => undefined,
};

const SECOND_MS = 1_000;

/**
 * Sessions in cookies that no page can read, where AUTH_COOKIES says so. A browser sends cookies by
 * itself, whoever makes it ask: they count, and are set, only for pages of the listed origins, whose name
 * no page can forge. Whoever sends no origin is no browser, and uses a header.
 */
export function createCookieJars({ config, clock }: CookieJarsOptions): CookieJars {
  const { corsAllowedOrigins, authCookies: isOpen } = config.http;
  const names = namesFor(config.environment);
  const jars = new WeakMap<Request, { jar: CookieJar; toSet: Map<string, string> }>();

  const isOurs = (origin: string | null): boolean =>
    isOpen && origin !== null && corsAllowedOrigins.includes(origin);
  const line = (name: string, value: string, until: Date): string => {
    const leftSeconds = Math.floor((until.getTime() - clock.now().getTime()) / SECOND_MS);
    // "Strict": never for a page of another site, not even when it links to us.
    const rules = ['Path=/', `Max-Age=${String(Math.max(0, leftSeconds))}`, 'HttpOnly'];
    return [`${name}=${value}`, ...rules, 'SameSite=Strict', ...names.rules].join('; ');
  };
  const open = (request: Request) => {
    const toSet = new Map<string, string>();
    const sent = request.headers.get('cookie');
    const put = (name: string, value: string, until: Date) =>
      void toSet.set(name, line(name, value, until));
    const jar: CookieJar = {
      accessToken: cookieOf(sent, names.access),
      refreshToken: cookieOf(sent, names.refresh),
      keep({ accessToken, expiresAt, refreshToken, refreshExpiresAt }) {
        put(names.access, accessToken, expiresAt);
        put(names.refresh, refreshToken, refreshExpiresAt);
      },
      drop() {
        for (const name of [names.access, names.refresh]) put(name, '', clock.now());
      },
    };
    const opened = { jar, toSet };
    jars.set(request, opened);
    return opened;
  };

  const linesOf = (request: Request): readonly string[] => [
    ...(jars.get(request)?.toSet.values() ?? []),
  ];

  return {
    isOpen,
    linesOf,
    of: (request) =>
      isOurs(request.headers.get('origin')) ? (jars.get(request) ?? open(request)).jar : NO_COOKIES,
    accessTokenOf: ({ origin, cookie }) =>
      typeof origin === 'string' && typeof cookie === 'string' && isOurs(origin)
        ? cookieOf(cookie, names.access)
        : undefined,
    plugin: {
      onResponse({ request, response }) {
        for (const line of linesOf(request)) response.headers.append('set-cookie', line);
      },
    },
  };
}

/**
 * `__Host-`: a browser takes such a cookie over TLS alone (or from this machine), for this host alone and
 * all of it, so that no neighbour of a common domain can plant one. Development has no TLS.
 */
function namesFor(environment: Config['environment']) {
  const [prefix, rules] = environment === 'development' ? ['', []] : ['__Host-', ['Secure']];
  return { access: `${prefix}tradegraph-access`, refresh: `${prefix}tradegraph-refresh`, rules };
}

/** Undefined also for one that comes twice: nobody can tell which is ours. */
function cookieOf(header: string | null, name: string): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  const [value = ''] = values;
  return values.length === 1 && value !== '' ? value : undefined;
}
