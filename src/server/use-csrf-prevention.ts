import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention';
import type { Plugin } from 'graphql-yoga';

/** Headers that a page of another origin cannot send without asking first. */
const PREFLIGHTED_HEADERS = ['x-csrf-prevention', 'apollo-require-preflight'];

/**
 * Refuses a POST that a browser would send for a page of any origin without asking, such as a form. A
 * GET needs no such guard: it changes nothing, since mutations are refused there.
 */
export function usePostCsrfPrevention(): Plugin {
  const { onRequestParse } = useCSRFPrevention({ requestHeaders: PREFLIGHTED_HEADERS });
  return {
    onRequestParse: (payload) =>
      payload.request.method === 'GET' ? undefined : onRequestParse?.(payload),
  };
}
