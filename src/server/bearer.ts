import { Unauthenticated } from '../services/platform/errors.ts';

const BEARER = /^Bearer +(?<token>[^\s]+)$/i;
/** What nearly all send, found without groups, which take several times as long. */
const USUAL_SCHEME = 'Bearer ';
const USUAL = /^Bearer [\w.~+/=-]+$/;

/** The token of an Authorization header; undefined without one. Throws for any other scheme. */
export function bearerToken(header: string | null | undefined): string | undefined {
  if (header === null || header === undefined || header === '') return undefined;
  if (USUAL.test(header)) return header.slice(USUAL_SCHEME.length);
  const token = BEARER.exec(header)?.groups?.['token'];
  if (token === undefined) {
    throw new Unauthenticated('Send the header `Authorization: Bearer <access token>`.');
  }
  return token;
}
