import { randomUUID } from 'node:crypto';
import { encodeGlobalId } from '../../src/schema/global-ids.ts';
import { CLIENT_ORDER_ID, COST_USD, DEVICE, type Estate } from '../support/estate.ts';

/** Something of the owner's that others may ask about, by its global id. */
export interface Thing {
  readonly typeName: string;
  readonly id: string;
  readonly uuid: string;
}

export type Things = Readonly<Record<string, Thing>>;

/** The things that the lines of the root table name. */
export function thingsOf(estate: Estate): Things {
  const { models, account, instrument, owner } = estate;
  return {
    account: thing('Account', account),
    apiKey: thing('ApiKey', estate.apiKey),
    article: thing('NewsArticle', estate.article),
    corporateAction: thing('CorporateAction', estate.corporateAction),
    credential: thing('Credential', estate.credential),
    deniedOrder: thing('Order', estate.deniedOrder),
    instrument: thing('Instrument', instrument),
    order: thing('Order', estate.order),
    passkey: thing('Passkey', estate.passkey),
    position: thing('Position', estate.position),
    privateLine: thing('AgentLogEntry', models.private.line),
    privateModel: thing('Model', models.private),
    publicLine: thing('AgentLogEntry', models.public.line),
    publicModel: thing('Model', models.public),
    publishedAccount: thing('Account', models.published.account),
    publishedLine: thing('AgentLogEntry', models.published.line),
    publishedModel: thing('Model', models.published),
    publishedOrder: thing('Order', estate.publishedOrder),
    publishedTrade: thing('Trade', estate.publishedTrade),
    endedSession: thing('Session', estate.sessions.ended),
    session: thing('Session', estate.sessions.open),
    trade: thing('Trade', estate.trade),
    externalAccount: thing('Account', estate.externalAccount),
    spareAccount: thing('Account', estate.spareAccount),
    goneUser: thing('User', estate.goner),
    pendingUser: thing('User', estate.pending),
    unwantedUser: thing('User', estate.unwanted),
    user: thing('User', owner),
    restingOrder: thing('Order', estate.restingOrder),
    webhook: thing('Webhook', estate.webhook),
    workingOrder: thing('Order', estate.workingOrder),
  };
}

/** A thing of the same type that never was. */
export function neverWas({ typeName }: Thing): Thing {
  return thing(typeName, { id: randomUUID() });
}

/** Texts that nobody but the owner and administrators may ever read, wherever they stand. */
export function secretsOf(estate: Estate): string[] {
  const { owner, models, account } = estate;
  const things = thingsOf(estate);
  const open = [
    'article',
    'corporateAction',
    'instrument',
    'publicModel',
    'publishedModel',
    'publishedLine',
  ];
  const closed = Object.entries(things).filter(([name]) => !open.includes(name));
  const { private: hidden, public: shown, published } = models;
  return [
    ...closed.flatMap(([, { id, uuid }]) => [id, uuid]),
    ...[hidden.account.id, shown.account.id].flatMap((id) => [id, encodeGlobalId('Account', id)]),
    ...[owner.id, owner.username, owner.email, owner.password],
    ...[hidden.name, hidden.line.content, shown.line.content, hidden.line.runId],
    ...[hidden.prompt, shown.prompt, published.prompt, COST_USD],
    ...[account.name, CLIENT_ORDER_ID, DEVICE.address, DEVICE.userAgent],
  ];
}

function thing(typeName: string, { id: uuid }: { readonly id: string }): Thing {
  return { typeName, uuid, id: encodeGlobalId(typeName, uuid) };
}
