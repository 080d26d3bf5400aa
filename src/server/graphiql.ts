const QUERY = `# Tradegraph. Ctrl+Space completes; the book
# on the left explains every field.
# For what is yours, put your token into Headers:
#   { "Authorization": "Bearer <access token>" }
query Overview {
  health {
    status
    version
  }
  instruments(first: 5) {
    nodes {
      symbol
      source
      quote {
        last
        time
      }
    }
  }
  models(first: 5) {
    nodes {
      name
      status
    }
  }
  viewer {
    user {
      username
      role
    }
    accounts(first: 5) {
      nodes {
        name
        currency
        cash
        buyingPower
      }
    }
  }
}
`;

const LIVE = `# Trades of your accounts as they are made.
# It needs your token in Headers, below.
# Give the last cursor as "after" to go on
# exactly behind it.
subscription Live {
  tradeExecuted {
    ... on TradeExecuted {
      cursor
      trade {
        side
        quantity
        price
        executedAt
        instrument {
          symbol
          source
        }
      }
    }
    ... on StreamGap {
      reason
    }
  }
}
`;

const QUOTES = `# Prices of the simulated market as they change.
# No token is needed.
subscription Quotes($symbols: [String!]!) {
  quotes(symbols: $symbols) {
    symbol
    bid
    ask
    time
    source
  }
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
