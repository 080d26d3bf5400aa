import type { ServerConfig } from './graph-server.ts';

type CorsConfig = Pick<ServerConfig['http'], 'corsAllowedOrigins' | 'authCookies'>;

const METHODS = ['GET', 'POST', 'OPTIONS'];
const HEADERS = ['content-type', 'authorization', 'accept', 'last-event-id'];
const MAX_AGE_SECONDS = 600;

/** Pages of the listed origins may read our answers, and send cookies where there are some. */
export function corsOf(request: Request, { corsAllowedOrigins, authCookies }: CorsConfig) {
  const origin = request.headers.get('origin');
  if (origin === null || !corsAllowedOrigins.includes(origin)) return false;
  return {
    origin: [origin],
    credentials: authCookies,
    methods: METHODS,
    allowedHeaders: HEADERS,
    maxAge: MAX_AGE_SECONDS,
  };
}

/** What Yoga writes for {@link corsOf}: names and values, one after another. */
export function corsHeaders(
  origin: string | undefined,
  { corsAllowedOrigins, authCookies }: CorsConfig,
): readonly string[] {
  if (origin === undefined || !corsAllowedOrigins.includes(origin)) return [];
  return [
    ...['access-control-allow-origin', origin],
    ...['access-control-allow-methods', METHODS.join(', ')],
    ...['access-control-allow-headers', HEADERS.join(', ')],
    ...(authCookies ? ['access-control-allow-credentials', 'true'] : []),
    ...['access-control-max-age', String(MAX_AGE_SECONDS)],
  ];
}
