import type { Root } from '../support/graph-walk.ts';
import type { Things } from './isolation-things.ts';

/** Where a walk through the graph begins: every root query, with every argument that leads to a thing. */
export function rootsOf(things: Things): Root[] {
  const all = Object.values(things);
  const idsOf = (typeName: string) =>
    all.filter((thing) => thing.typeName === typeName).map(({ id }) => id);
  const root = (typeName: string, ...chain: string[]): Root => ({ typeName, chain });
  const byAccount = (typeName: string, field: string) => [
    root(typeName, `${field}(first: 100)`),
    ...idsOf('Account').map((id) => root(typeName, `${field}(first: 100, accountId: "${id}")`)),
  ];
  return [
    ...all.map(({ typeName, id }) => root(typeName, `node(id: "${id}")`, `... on ${typeName}`)),
    ...[...new Set(all.map(({ typeName }) => typeName))].map((typeName) =>
      root(typeName, `nodes(ids: ${JSON.stringify(idsOf(typeName))})`, `... on ${typeName}`),
    ),
    ...idsOf('Model').flatMap((id) => [
      root('Model', `model(id: "${id}")`),
      root('AgentLogEntryConnection', `agentLogs(first: 100, modelId: "${id}")`),
      root('EquityCurve', `equityCurve(modelId: "${id}", benchmark: "ACME.SIM")`),
      root('AgentLogEntry', `agentLogs(modelId: "${id}", search: "thought")`, 'nodes'),
    ]),
    root('ModelConnection', 'models(first: 100)'),
    ...byAccount('OrderConnection', 'orders'),
    ...byAccount('TradeConnection', 'trades'),
    ...byAccount('PositionConnection', 'positions'),
    root('Position', 'positions(first: 100, status: ALL, asOf: "2100-01-01T00:00:00Z")', 'nodes'),
    // One that would be taken and one that would not.
    ...idsOf('Account').flatMap((id) =>
      ['1', '1000000'].map((quantity) =>
        root(
          'OrderPreview',
          `previewOrder(input: { accountId: "${id}", symbol: "ACME.SIM", side: BUY,
            quantity: "${quantity}" })`,
        ),
      ),
    ),
    ...idsOf('Account').map((id) => root('EquityCurve', `equityCurve(accountId: "${id}")`)),
    root('CorporateActionConnection', 'corporateActions(first: 100)'),
    root('Admin', 'admin'),
    root('Viewer', 'viewer'),
    root('Leaderboard', 'leaderboard(benchmarkSymbol: "ACME.SIM")'),
    root('Health', 'health'),
    root('RateLimit', 'rateLimit'),
    root('ViewerEventsPage', 'events'),
    root('TradingStatus', 'tradingStatus'),
    root('Instrument', 'instrument(symbol: "ACME.SIM")'),
    root('InstrumentConnection', 'instruments(first: 100)'),
    root('BarConnection', 'bars(first: 100, symbol: "ACME.SIM", interval: MINUTE_1)'),
    root('NewsArticleConnection', 'news(first: 100)'),
    root('Quote', 'quotes(symbols: ["ACME.SIM"])'),
  ];
}

/** The root queries where such walks begin. */
export function rootFieldsOf(roots: readonly Root[]): Set<string> {
  return new Set(roots.map(({ chain: [first = ''] }) => first.split('(', 1)[0] ?? first));
}

/** How fields beneath the roots are asked that need an argument. */
export function argumentsOf(things: Things): Readonly<Record<string, readonly string[]>> {
  const byId = (name: string, argument = 'id') =>
    Object.values(things)
      .filter(({ typeName }) => typeName === name)
      .map(({ id }) => `(${argument}: "${id}")`);
  return {
    'Account.positions': ['(first: 100, status: ALL)'],
    'Account.statement': ['(from: "2027-01-01T00:00:00Z", to: "2035-01-01T00:00:00Z")'],
    'Admin.apiKeys': byId('User', 'userId'),
    'Admin.user': byId('User'),
    'Viewer.account': byId('Account'),
  };
}
