import { requireCapability } from '../accounts/capabilities.ts';
import type { Prisma } from '../platform/prisma/client.ts';
import type { Viewer } from '../platform/viewer.ts';

/**
 * Which models are looked at: `VISIBLE` (public ones and one's own), `OWN`, `PUBLIC`, or `ALL`,
 * which administrators alone may ask for. An administrator who does not ask sees what everyone
 * sees.
 */
export type ModelScope = 'VISIBLE' | 'OWN' | 'PUBLIC' | 'ALL';

const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Throws Forbidden when `ALL` is asked for by someone who is no administrator. */
export function modelsInScope(viewer: Viewer, scope: ModelScope): Prisma.TradingModelWhereInput {
  const own = ownModels(viewer);
  switch (scope) {
    case 'VISIBLE':
      return { OR: [{ visibility: 'PUBLIC' }, own] };
    case 'OWN':
      return own;
    case 'PUBLIC':
      return { visibility: 'PUBLIC' };
    case 'ALL':
      requireCapability(viewer, 'READ_EVERYONE');
      return {};
  }
}

/** The log of a public model is everyone's only when its owner publishes it. */
export function modelsWithLogInScope(
  viewer: Viewer,
  scope: ModelScope,
): Prisma.TradingModelWhereInput {
  const own = ownModels(viewer);
  return {
    AND: [
      modelsInScope(viewer, scope),
      scope === 'ALL' ? {} : { OR: [{ logVisibility: 'PUBLIC' }, own] },
    ],
  };
}

/**
 * One's own; with a key for tests, those that trade on paper alone. Row-level security hides the
 * accounts of the others from such a key, and their secrets with them: so either is a sign of them.
 */
function ownModels({ userId, apiKey }: Viewer): Prisma.TradingModelWhereInput {
  const own = { ownerId: userId ?? NOBODY };
  if (apiKey?.environment !== 'TEST') return own;
  return { ...own, accounts: { none: { kind: { not: 'PAPER' } } }, secrets: { isNot: null } };
}
