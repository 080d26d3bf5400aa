import type { Plugin } from 'graphql-yoga';
import type { Config } from '../services/platform/config/config.ts';

/** GraphiQL comes in one page, with its scripts and styles inside and its workers as blobs. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' blob:",
  'worker-src blob:',
  "style-src 'unsafe-inline'",
  'img-src data: blob:',
  'font-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

const HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  // No page of another origin may embed an answer; one that is listed fetches it, and may read it.
  'cross-origin-resource-policy': 'same-origin',
  vary: 'Origin',
  'cache-control': 'no-store',
  'content-security-policy': DATA_POLICY,
};

/** A year. Browsers take it over TLS alone. */
const TLS_ONLY = { 'strict-transport-security': 'max-age=31536000' };

/** What browsers are told of every answer. */
export function securityHeaders(
  environment: Config['environment'],
): Readonly<Record<string, string>> {
  return environment === 'production' ? { ...HEADERS, ...TLS_ONLY } : HEADERS;
}

export function useSecurityHeaders(environment: Config['environment']): Plugin {
  const headers = securityHeaders(environment);
  return {
    onResponse({ response }) {
      const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
      for (const [name, value] of Object.entries(headers)) {
        response.headers.set(name, value);
      }
      if (isPage) response.headers.set('content-security-policy', PAGE_POLICY);
    },
  };
}
