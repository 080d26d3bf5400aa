const QUERY = `# Tradegraph. Docs are in the book on the left; Ctrl+Space completes.
# To see your own things, put your token into the headers below:
#   { "Authorization": "Bearer <access token>" }
query Overview {
  health { status version }
  instruments(first: 5) { nodes { symbol name source quote { last time } } }
  models(first: 5) { nodes { name status owner { username } } }
  viewer {
    user { username role }
    accounts(first: 5) { nodes { name currency cash buyingPower } }
  }
}
`;

const LIVE = `# Trades of your accounts as they are made; it needs your token in the headers below.
# Keep the last cursor and give it as \`after\` to go on exactly behind it.
subscription Live {
  tradeExecuted {
    ... on TradeExecuted {
      cursor
      trade { side quantity price fee executedAt instrument { symbol source } }
    }
    ... on StreamGap { reason }
  }
}
`;

const QUOTES = `# No token needed: prices of the simulated market, as they change.
subscription Quotes($symbols: [String!]!) {
  quotes(symbols: $symbols) { symbol bid ask last time source }
}
`;

const HEADERS = '{\n  "Authorization": "Bearer "\n}';

/** What GraphiQL opens with. Live queries go over server-sent events, which carry the headers. */
export function graphiqlOptions(symbols: readonly string[]) {
  return {
    title: 'Tradegraph',
    subscriptionsProtocol: 'SSE' as const,
    shouldPersistHeaders: true,
    defaultQuery: QUERY,
    defaultTabs: [
      { query: QUERY },
      { query: LIVE, headers: HEADERS },
      { query: QUOTES, variables: JSON.stringify({ symbols }, null, 2) },
    ],
  };
}
