-- What PostGraphile makes fields of, besides the tables: figures that no column has, and the board. Each with the rights of who asks; the walls are those of the tables.

CREATE FUNCTION positions_average_price(p positions) RETURNS numeric LANGUAGE sql STABLE AS
  $$ SELECT round(p.total_cost / nullif(p.quantity, 0), 18) $$;

CREATE FUNCTION orders_average_fill_price(o orders) RETURNS numeric LANGUAGE sql STABLE AS
  $$ SELECT round(o.filled_notional / nullif(o.filled_quantity, 0), 18) $$;

CREATE FUNCTION equity_points_unrealized_pnl(p equity_points) RETURNS numeric LANGUAGE sql STABLE AS
  $$ SELECT p.equity - p.cash - p.cost $$;

CREATE FUNCTION accounts_points(a accounts, "from" timestamptz, "to" timestamptz)
  RETURNS SETOF equity_points LANGUAGE sql STABLE AS
  $$ SELECT * FROM equity_points e WHERE e.account_id = a.id AND e.owner_id = a.owner_id
       AND e.at BETWEEN "from" AND "to" ORDER BY e.at $$;

CREATE VIEW board WITH (security_invoker) AS
  SELECT *, rank() OVER (ORDER BY gained DESC) AS rank,
    row_number() OVER (ORDER BY gained DESC, (model_name || ' ' || model_id) COLLATE "C") AS place
  FROM (
    SELECT model_id, model_name, equity, starting_cash, round(equity / base - 1, 18) AS gained,
      cardinality(equities) AS sample_size
    FROM leaderboard_equity(now(), NULL)
  ) AS entries;
COMMENT ON VIEW board IS E'@primaryKey model_id\n@foreignKey (model_id) references models (id)';

COMMENT ON TABLE trades IS E'@foreignKey (order_id) references orders (id)';
COMMENT ON COLUMN positions.closed_at IS E'@behavior +filterBy +attribute:filterBy';

GRANT SELECT ON board TO tradegraph_server;
GRANT EXECUTE ON FUNCTION positions_average_price(positions),
  orders_average_fill_price(orders), equity_points_unrealized_pnl(equity_points),
  accounts_points(accounts, timestamptz, timestamptz) TO tradegraph_server;
