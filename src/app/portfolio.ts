import type { Services } from '../schema/context.ts';
import type { LastPrices } from '../services/market/last-prices.ts';
import type { Config } from '../services/platform/config/config.ts';
import type { Order } from '../services/platform/prisma/client.ts';
import { createAccountCash } from '../services/portfolio/account-cash.ts';
import { createAccountFigures } from '../services/portfolio/account-figures.ts';
import { createAccountReset } from '../services/portfolio/account-reset.ts';
import { createCorporateActions } from '../services/portfolio/corporate-actions.ts';
import { createOwnAccounts } from '../services/portfolio/own-accounts.ts';
import { createStatementLinks } from '../services/portfolio/statement-links.ts';
import { createStatements } from '../services/portfolio/statements.ts';
import { createTradeReports } from '../services/portfolio/trade-reports.ts';
import type { Valuation } from '../services/portfolio/valuation.ts';
import { createOrderClearance } from '../services/trading/order-clearance.ts';
import type { Foundation } from './foundation.ts';

interface PortfolioPorts extends Foundation {
  readonly config: Config;
  readonly valuation: Valuation;
  readonly lastPrices: LastPrices;
  /** Hears of each canceled order after the commit. */
  readonly onCanceled: (order: Order) => void;
}

type PortfolioServices = Pick<
  Services,
  | 'accountCash'
  | 'accountFigures'
  | 'accountReset'
  | 'corporateActions'
  | 'ownAccounts'
  | 'statementLinks'
  | 'statements'
  | 'tradeReports'
>;

/** What people do with their accounts, and what is told of them. */
export function createPortfolio(ports: PortfolioPorts): PortfolioServices {
  const { auth, portfolio } = ports.config;
  const clearance = createOrderClearance(ports);
  const statements = createStatements(ports);
  return {
    accountCash: createAccountCash(ports),
    accountFigures: createAccountFigures(ports),
    accountReset: createAccountReset({ ...ports, clearance }),
    corporateActions: createCorporateActions(ports),
    ownAccounts: createOwnAccounts({ ...ports, clearance, accountsMax: portfolio.accountsMax }),
    statementLinks: createStatementLinks({ ...ports, statements, keys: auth.jwtKeys }),
    statements,
    tradeReports: createTradeReports(ports),
  };
}
