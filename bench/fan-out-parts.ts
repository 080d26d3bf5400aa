import {
  BALANCES,
  QUOTES,
  symbolOf,
  type ConnectOrder,
  type Offer,
  type Owner,
  type ServerKind,
} from './fan-out-messages.ts';

const SYMBOLS = 100;
/** A symbol may come four times a second at most. */
const CALM_SYMBOLS = 5;

/** A person with an account and a session for each client. */
export interface Crowd {
  readonly owners: readonly Owner[];
  readonly tokens: readonly string[];
}

/** One line of the measure: how clients subscribe, and what is offered to them. */
export interface Part {
  readonly name: string;
  readonly title: string;
  readonly offer: (kind: ServerKind) => Offer;
  readonly order: (
    kind: ServerKind,
    crowd: Crowd,
  ) => Pick<ConnectOrder, 'query' | 'variables' | 'tokens'>;
}

export const watching = (symbols: number) => ({
  query: QUOTES,
  variables: [{ symbols: Array.from({ length: symbols }, (_, number) => symbolOf(number)) }],
  tokens: [],
});

export const partsFor = (clients: number): readonly Part[] => [
  {
    name: 'public',
    title: `one public topic, more than can be sent`,
    // The recipe drops nothing: far beyond what it can send, it dies.
    offer: (kind) => ({
      what: 'quotes',
      eventsPerSecond: (kind === 'recipe' ? 50_000 : 150_000) / clients,
      among: SYMBOLS,
    }),
    order: () => watching(SYMBOLS),
  },
  {
    name: 'offered',
    title: 'one public topic, 10,000 a second',
    offer: () => ({ what: 'quotes', eventsPerSecond: 10_000 / clients, among: CALM_SYMBOLS }),
    order: () => watching(CALM_SYMBOLS),
  },
  {
    name: 'private',
    title: 'a private topic for each, 1,000 events a second',
    offer: () => ({ what: 'balances', eventsPerSecond: 1_000, among: clients }),
    order: (kind, { owners, tokens }) => ({
      query: BALANCES,
      variables: owners.map(({ accountId }, number) => ({
        id:
          kind === 'program'
            ? Buffer.from(`Account:${accountId}`).toString('base64')
            : String(number),
      })),
      tokens: kind === 'program' ? tokens : [],
    }),
  },
];
