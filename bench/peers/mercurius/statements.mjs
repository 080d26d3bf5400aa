const ORDER_COLUMNS = `id, side, type, status, quantity, filled_quantity AS "filledQuantity",
  round(filled_notional / nullif(filled_quantity, 0), 18) AS "averageFillPrice",
  created_at AS "createdAt", instrument_id AS "instrumentId"`;

export const VIEWER = 'SELECT id, username FROM users WHERE id = $1';
export const ACCOUNTS = `SELECT id, name, currency, cash FROM accounts WHERE owner_id = $1
  ORDER BY created_at DESC, id DESC LIMIT $2`;
export const POSITIONS = `SELECT p.* FROM unnest($1::uuid[]) AS parent (id) CROSS JOIN LATERAL (
    SELECT id, account_id AS "accountId", quantity, realized_pnl AS "realizedPnl",
      round(total_cost / nullif(quantity, 0), 18) AS "averagePrice", opened_at AS "openedAt",
      instrument_id AS "instrumentId"
    FROM positions WHERE account_id = parent.id AND owner_id = $2 AND closed_at IS NULL
    ORDER BY opened_at DESC, id DESC LIMIT $3) AS p`;
export const INSTRUMENTS = 'SELECT id, symbol FROM instruments WHERE id = ANY ($1)';
export const ORDERS = `SELECT ${ORDER_COLUMNS} FROM orders WHERE owner_id = $1
  ORDER BY created_at DESC, id DESC LIMIT $2`;
export const ORDER = `SELECT ${ORDER_COLUMNS} FROM orders WHERE id = $1 AND owner_id = $2`;
export const TRADES = `SELECT t.* FROM unnest($1::uuid[]) AS parent (id) CROSS JOIN LATERAL (
    SELECT id, order_id AS "orderId", quantity, price, fee, executed_at AS "executedAt"
    FROM trades WHERE order_id = parent.id AND owner_id = $2
    ORDER BY executed_at DESC, id DESC LIMIT $3) AS t`;
export const BOARD = `SELECT model_id AS "modelId", model_name AS "modelName", equity,
    starting_cash AS "startingEquity", round(equity / base - 1, 18) AS return,
    cardinality(equities) AS "sampleSize"
  FROM leaderboard_equity(now(), NULL)`;
export const MODELS = 'SELECT id, name, owner_id AS "ownerId" FROM models WHERE id = ANY ($1)';
export const USERS = 'SELECT id, username FROM users WHERE id = ANY ($1)';
export const ACCOUNT = 'SELECT currency FROM accounts WHERE id = $1 AND owner_id = $2';
export const POINTS = `SELECT at, equity, cash, equity - cash - cost AS "unrealizedPnl"
  FROM equity_points WHERE account_id = $1 AND owner_id = $2 AND at BETWEEN $3 AND $4 ORDER BY at`;
