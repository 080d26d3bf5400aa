import { Unauthenticated } from '../services/platform/errors.ts';

const BEARER = /^Bearer +(?<token>[^\s]+)$/i;

/** The token of an Authorization header; undefined without one. Throws for any other scheme. */
export function bearerToken(header: string | null | undefined): string | undefined {
  if (header === null || header === undefined || header === '') return undefined;
  const token = BEARER.exec(header)?.groups?.['token'];
  if (token === undefined) {
    throw new Unauthenticated('Send the header `Authorization: Bearer <access token>`.');
  }
  return token;
}
