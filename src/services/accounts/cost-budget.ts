import type { Clock } from '../platform/clock.ts';
import type { RateLimits, RateRule } from '../platform/rate-limits.ts';
import { soon, type Soon } from '../platform/soon.ts';
import type { UserRole } from '../platform/prisma/enums.ts';
import type { Viewer } from '../platform/viewer.ts';
import { addressKey } from './entry-limits.ts';

/** What a caller's operations may cost together in a minute. */
export interface CostBudgetConfig {
  /** Of all that come from one address without a log-in. */
  readonly anonymous: number;
  readonly user: number;
  readonly premium: number;
  readonly admin: number;
}

export interface CostBudgetState {
  readonly limit: number;
  readonly remaining: number;
  /** When all of it is back. */
  readonly resetAt: Date;
}

/** The budget of costs by role; see docs/decisions, "what an operation costs". */
export interface CostBudget {
  /**
   * Takes the cost of an operation before it runs. RateLimited when it is more than what is left.
   */
  take(viewer: Viewer, cost: number): Soon<CostBudgetState>;
  /** What is left, without taking any. */
  state(viewer: Viewer): Promise<CostBudgetState>;
}

const MINUTE_SECONDS = 60;

export function createCostBudget({
  rateLimits,
  clock,
  config,
}: {
  readonly rateLimits: RateLimits;
  readonly clock: Clock;
  readonly config: CostBudgetConfig;
}): CostBudget {
  const ruleOf = ({ role }: Viewer): RateRule => {
    const points = role === 'ANONYMOUS' ? config.anonymous : config[BUDGETS[role]];
    // A new role counts anew: its budget is another one.
    return { name: `cost-${role}`, points, windowSeconds: MINUTE_SECONDS };
  };
  const keyOf = ({ userId, address }: Viewer): string => userId ?? addressKey(address);

  return {
    take(viewer, cost) {
      const rule = ruleOf(viewer);
      return soon(rateLimits.take(rule, keyOf(viewer), cost), ({ remaining, resetInMs }) => ({
        ...{ limit: rule.points, remaining },
        resetAt: later(clock.now(), resetInMs),
      }));
    },
    async state(viewer) {
      const rule = ruleOf(viewer);
      const { taken, resetInMs } = await rateLimits.look(rule, keyOf(viewer));
      const remaining = Math.max(0, rule.points - taken);
      return { limit: rule.points, remaining, resetAt: later(clock.now(), resetInMs) };
    },
  };
}

const BUDGETS = {
  VIEWER: 'user',
  USER: 'user',
  PREMIUM: 'premium',
  ADMIN: 'admin',
  SUPER_ADMIN: 'admin',
} as const satisfies Record<UserRole, keyof CostBudgetConfig>;

const later = (time: Date, ms: number): Date => new Date(time.getTime() + ms);
