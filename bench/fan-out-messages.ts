/* What the processes of bench/fan-out.ts say to each other. */

/** What a server of the bench is: a floor, or the program. */
export type ServerKind = 'ws' | 'recipe' | 'program';

export interface ServerOptions {
  readonly kind: ServerKind;
  /** Of the program: of its database, and what it keeps files in. */
  readonly database?: { readonly owner: string; readonly server: string; readonly worker: string };
  readonly folder: string;
  /** Whose accounts the private events are of, in the order of their numbers. */
  readonly owners: readonly Owner[];
}

export interface Owner {
  readonly userId: string;
  readonly accountId: string;
}

/** What a server of the bench can do, beside serving subscriptions on a port. */
export interface FanOutServer {
  readonly port: number;
  /** A new quote of symbol number `symbol`, stamped with the time in microseconds. */
  tellQuote(symbol: number, stamp: number): void;
  /** A new balance of account number `account`. */
  tellBalance(account: number, stamp: number): void;
  /** Whether it can take more now; one that drops or coalesces always can. */
  isFree?(): boolean;
}

/** What a server is asked to tell, from now until it is asked again. */
export interface Offer {
  readonly what: 'quotes' | 'balances';
  /** As many events a second; 0 for none. */
  readonly eventsPerSecond: number;
  /** How many symbols or accounts they go round. */
  readonly among: number;
}

export type ServerOrder = { readonly offer: Offer } | { readonly report: true };

export interface ServerReport {
  readonly cpuMs: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
}

export interface ConnectOrder {
  readonly port: number;
  readonly count: number;
  /** Of the operation: the same for all, or one for each connection. */
  readonly query: string;
  readonly variables: readonly object[];
  /** Of each connection; none for the anonymous. */
  readonly tokens: readonly string[];
  /** How many connect at the same time. */
  readonly atOnce: number;
  /** How many operations each begins; one when it is left out. */
  readonly operations?: number;
  /** They subscribe, and read nothing more. */
  readonly areStalled?: boolean;
}

export type ClientsOrder =
  { readonly connect: ConnectOrder } | { readonly count: true } | { readonly leave: true };

export interface ClientsReport {
  readonly connected?: { readonly tookMs: number };
  /** Since the question before. */
  readonly counted?: { readonly messages: number; readonly agesMs: readonly number[] };
  readonly failed?: string;
}

/** Time in microseconds, as all processes of one machine tell it. */
export function nowMicros(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000);
}

export const symbolOf = (number: number): string => `FAN${number}.SIM`;

export const QUOTES = `subscription Watch($symbols: [String!]!) { quotes(symbols: $symbols) {
  symbol bid ask last stamp: bidSize askSize time source } }`;

export const BALANCES = `subscription Watch($id: ID!) { balanceChanged(accountId: $id) {
  ... on BalanceChanged { cursor occurredAt account { id name stamp: cash buyingPower } } } }`;
