import { RateLimited } from './errors.ts';
import type { Soon } from './soon.ts';

/** So many points of one key within a time that begins with the first of them. */
export interface RateRule {
  /** Names what is counted; a rule of the same name counts the same. */
  readonly name: string;
  readonly points: number;
  readonly windowSeconds: number;
}

/** What is left of a key's points. */
export interface RateState {
  readonly remaining: number;
  /** Until all of them are back. */
  readonly resetInMs: number;
}

/**
 * Counts what callers ask for. A single process counts in its own memory; processes with Redis share
 * one count, and each counts for itself while Redis does not answer.
 */
export interface RateLimits {
  /**
   * Takes points of a key before the work that they are for; two requests at once cannot take the same.
   * {@link RateLimited} when fewer are left, with the time until there are more.
   */
  take(rule: RateRule, key: string, points?: number): Soon<RateState>;
  /** Takes a point without ever refusing, and answers how many were taken then. */
  count(rule: RateRule, key: string): Promise<number>;
  /** Takes a point back that was taken for nothing. */
  giveBack(rule: RateRule, key: string): Promise<void>;
  /** How many points were taken in this window, and until when it lasts; takes none. */
  look(rule: RateRule, key: string): Promise<{ taken: number; resetInMs: number }>;
  /** Forgets what was taken. */
  reset(rule: RateRule, key: string): Promise<void>;
  close(): Promise<void>;
}

interface Window {
  taken: number;
  readonly endMs: number;
}

const SECOND_MS = 1_000;

/** Counts in memory, by a clock that nobody sets. */
export function createRateLimits(nowMs = () => performance.now()): RateLimits {
  /** By the names of rules. Those of a rule are equally long: they end in the order of their keys. */
  const all = new Map<string, Map<string, Window>>();
  const windowsOf = ({ name }: RateRule): Map<string, Window> => {
    const known = all.get(name) ?? new Map<string, Window>();
    all.set(name, known);
    return known;
  };
  const find = (rule: RateRule, key: string): Window | undefined => {
    const known = windowsOf(rule).get(key);
    return known && known.endMs > nowMs() ? known : undefined;
  };
  const open = (rule: RateRule, key: string): Window => {
    const windows = windowsOf(rule);
    windows.delete(key);
    const begunMs = nowMs();
    for (const [oldest, { endMs }] of windows) {
      if (endMs > begunMs) break;
      windows.delete(oldest);
    }
    const opened = { taken: 0, endMs: begunMs + rule.windowSeconds * SECOND_MS };
    windows.set(key, opened);
    return opened;
  };
  const add = (rule: RateRule, key: string, points: number): Window => {
    const window = find(rule, key) ?? open(rule, key);
    window.taken += points;
    return window;
  };
  const leftMs = ({ endMs }: Window): number => Math.ceil(endMs - nowMs());

  return {
    take(rule, key, points = 1) {
      const window = add(rule, key, points);
      const resetInMs = leftMs(window);
      if (window.taken > rule.points) return Promise.reject(rateLimitedFor(resetInMs));
      return { remaining: rule.points - window.taken, resetInMs };
    },
    count: (rule, key) => Promise.resolve(add(rule, key, 1).taken),
    giveBack(rule, key) {
      add(rule, key, -1);
      return Promise.resolve();
    },
    look(rule, key) {
      const window = find(rule, key);
      const { taken } = window ?? { taken: 0 };
      return Promise.resolve({ taken, resetInMs: window ? leftMs(window) : 0 });
    },
    reset(rule, key) {
      windowsOf(rule).delete(key);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

export function rateLimitedFor(waitMs: number): RateLimited {
  return new RateLimited(Math.max(1, Math.ceil(waitMs / SECOND_MS)));
}
