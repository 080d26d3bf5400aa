import { InvalidInput } from '../services/platform/errors.ts';

/** The types that have a global id. A test keeps this list and the schema alike. */
export const NODE_TYPES: readonly string[] = [
  'Account',
  'AgentLogEntry',
  'ApiKey',
  'CorporateAction',
  'Credential',
  'Instrument',
  'Model',
  'NewsArticle',
  'Order',
  'Passkey',
  'Position',
  'Session',
  'Trade',
  'User',
  'Webhook',
];

const GLOBAL_ID =
  /^(?<typename>[A-Za-z]+):(?<id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** The id that clients see: opaque to them, and unique over all types. */
export function encodeGlobalId(typename: string, id: bigint | number | string): string {
  return Buffer.from(`${typename}:${String(id)}`).toString('base64url');
}

/** Throws {@link InvalidInput} for a text that is no id of a type of ours. */
export function decodeGlobalId(globalId: string): { typename: string; id: string } {
  const found = findInGlobalId(globalId);
  if (!found) throw new InvalidInput('id', 'This is no id of the graph.');
  return found;
}

/** The same; undefined for such a text. */
export function findInGlobalId(globalId: string): { typename: string; id: string } | undefined {
  const text = Buffer.from(globalId, 'base64url').toString('utf8');
  const { typename, id } = GLOBAL_ID.exec(text)?.groups ?? {};
  if (typename === undefined || id === undefined || !NODE_TYPES.includes(typename)) {
    return undefined;
  }
  return { typename, id };
}
