import type { Capability } from '../services/accounts/capabilities.ts';
import type { ApiKeyScope } from '../services/platform/prisma/enums.ts';
import type { Context } from './context.ts';

/** The scopes of the graph as one caller fulfils them: scope-auth asks them, and so do plans. */
export const scopesOf = ({ rights, viewer }: Context) => ({
  loggedIn: rights.isLoggedIn,
  marketData: rights.mayReadMarketData,
  owner: (ownerId: string) => rights.isAdministrator || viewer.userId === ownerId,
  capability: (capability: Capability) => rights.may(capability),
  key: (scopes: readonly ApiKeyScope[]) => rights.hasAnyScope(scopes),
});
