import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { RateLimits, RateRule } from '../platform/rate-limits.ts';
import type { Timers } from '../platform/timers.ts';
import type { Viewer } from '../platform/viewer.ts';

/** How many may knock, and how often. */
export interface EntryLimitsConfig {
  /** Wrong log-ins from one address in a quarter of an hour. */
  readonly logInsPerAddress: number;
  /** Sign-ups from one address in an hour. */
  readonly signUpsPerAddress: number;
  /** Refreshed sessions from one address in a quarter of an hour. */
  readonly refreshesPerAddress: number;
  /** Mails with a link that one address asks for in an hour, and links that it brings. */
  readonly linksPerAddress: number;
  /** Such mails to one e-mail address in an hour. */
  readonly linksPerEmail: number;
}

/** What a mail with a link is asked for. */
export type LinkPurpose = 'verification' | 'reset';

export interface EntryLimits {
  /**
   * Lets a log-in begin. Each counts for its address and for its name until it succeeds, those of one
   * request and those at the same moment too; and after many for one name, from wherever, the answer
   * takes its time, for its owner as well, who is never locked out. A name that nobody has is counted
   * alike.
   * @throws RateLimited for an address that has tried too often
   */
  beforeLogIn(viewer: Viewer, login: string): Promise<void>;
  /**
   * The password was right: it does not count for its name, also if a second factor is missing yet.
   */
  afterRightPassword(login: string): Promise<void>;
  /** They are in: their address begins anew. */
  afterLogIn(viewer: Viewer): Promise<void>;
  /** @throws RateLimited for an address that has signed up too often */
  beforeSignUp(viewer: Viewer): Promise<void>;
  /** @throws RateLimited for an address that has refreshed sessions, or tried to, too often */
  beforeRefresh(viewer: Viewer): Promise<void>;
  /**
   * Lets somebody ask for a mail to an e-mail address, which is counted alike if nobody has it.
   * @throws RateLimited when one address, or one e-mail address, asks too often
   */
  beforeMailedLink(viewer: Viewer, purpose: LinkPurpose, emailKey: string): Promise<void>;
  /** @throws RateLimited for an address that has brought tokens of links too often */
  beforeLinkToken(viewer: Viewer): Promise<void>;
  /**
   * Counts a sign-up for its e-mail address: whether a mail may go there, or too many went already.
   */
  mayMailAfterSignUp(emailKey: string): Promise<boolean>;
}

const QUARTER_HOUR_SECONDS = 15 * 60;
const HOUR_SECONDS = 60 * 60;
/** Wrong log-ins for one name within an hour that cost nothing. */
const WRONG_FREE = 20;
const DELAY_FIRST_MS = 250;
const DELAY_MAX_MS = 8_000;

export function createEntryLimits({
  rateLimits,
  timers,
  config,
}: {
  readonly rateLimits: RateLimits;
  readonly timers: Timers;
  readonly config: EntryLimitsConfig;
}): EntryLimits {
  const tries: RateRule = {
    name: 'log-in-address',
    points: config.logInsPerAddress,
    windowSeconds: QUARTER_HOUR_SECONDS,
  };
  const signUps: RateRule = {
    name: 'sign-up-address',
    points: config.signUpsPerAddress,
    windowSeconds: HOUR_SECONDS,
  };
  const refreshes: RateRule = {
    name: 'refresh-address',
    points: config.refreshesPerAddress,
    windowSeconds: QUARTER_HOUR_SECONDS,
  };
  const perAddress = { points: config.linksPerAddress, windowSeconds: HOUR_SECONDS };
  const perEmail = { points: config.linksPerEmail, windowSeconds: HOUR_SECONDS };
  const linkTokens: RateRule = { name: 'link-token-address', ...perAddress };
  const signUpMails: RateRule = { name: 'sign-up-email', ...perEmail };
  const wrong: RateRule = { name: 'log-in-name', points: WRONG_FREE, windowSeconds: HOUR_SECONDS };

  return {
    async beforeLogIn(viewer, login) {
      await rateLimits.take(tries, addressKey(viewer.address));
      // Counted before it is known to be wrong: of many at once, each sees those before it.
      const before = (await rateLimits.count(wrong, login)) - 1;
      const delayMs = delayAfter(before);
      if (delayMs > 0) await new Promise<void>((resolve) => timers.after(delayMs, resolve));
    },
    async afterRightPassword(login) {
      await rateLimits.giveBack(wrong, login);
    },
    async afterLogIn({ address }) {
      await rateLimits.reset(tries, addressKey(address));
    },
    async beforeSignUp({ address }) {
      await rateLimits.take(signUps, addressKey(address));
    },
    async beforeRefresh({ address }) {
      await rateLimits.take(refreshes, addressKey(address));
    },
    async beforeMailedLink({ address }, purpose, emailKey) {
      await rateLimits.take({ name: `${purpose}-address`, ...perAddress }, addressKey(address));
      await rateLimits.take({ name: `${purpose}-email`, ...perEmail }, emailKey);
    },
    async beforeLinkToken({ address }) {
      await rateLimits.take(linkTokens, addressKey(address));
    },
    async mayMailAfterSignUp(emailKey) {
      return (await rateLimits.count(signUpMails, emailKey)) <= signUpMails.points;
    },
  };
}

/** Twice as long with each wrong one past the free ones, up to 8 s. */
export function delayAfter(wrongCount: number): number {
  if (wrongCount <= WRONG_FREE) return 0;
  return Math.min(DELAY_FIRST_MS * 2 ** (wrongCount - WRONG_FREE - 1), DELAY_MAX_MS);
}

/** Whoever has one IPv6 address has all of its /64: they count as one. */
export function addressKey(address: string | null): string {
  if (address === null) return 'unknown';
  if (!isIPv6(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return Buffer.from(parsed.toByteArray().slice(0, 8)).toString('hex');
}
