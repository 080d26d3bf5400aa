import { Client } from 'pg';

/** An account of the floor's own, with a position to add to. */
export interface FloorAccount {
  readonly id: string;
  readonly ownerId: string;
  readonly instrumentId: string;
  readonly positionId: string;
}

/**
 * All rows of a market order that is placed and filled: its key, the order, four lines of history, the
 * trade, the position, two transfers with their entries, the account and five events.
 */
const STATEMENTS: readonly string[] = [
  `PERFORM 1 FROM accounts WHERE id = p_account FOR UPDATE`,
  `INSERT INTO idempotency_keys (owner_id, operation, key, command_hash, outcome, created_at)
     VALUES (p_owner, 'placeOrder', p_order::text, repeat('f', 64), '{"orderId": "x"}', now())`,
  `INSERT INTO orders (id, owner_id, account_id, instrument_id, client_order_id, side, type, time_in_force,
       quantity, status, filled_quantity, filled_notional, reserved, version, created_at, updated_at)
     VALUES (p_order, p_owner, p_account, p_instrument, p_order::text, 'BUY', 'MARKET', 'GTC', 1, 'FILLED', 1,
       101, 0, 4, now(), now())`,
  `INSERT INTO order_events (order_id, sequence, owner_id, from_status, to_status, occurred_at, recorded_at)
     SELECT p_order, step, p_owner, before::order_status, after::order_status, now(), now()
     FROM (VALUES (1, NULL, 'PENDING'), (2, 'PENDING', 'SUBMITTED'), (3, 'SUBMITTED', 'ACCEPTED'),
       (4, 'ACCEPTED', 'FILLED')) AS steps (step, before, after)`,
  `INSERT INTO trades (id, owner_id, account_id, instrument_id, order_id, fill_sequence, source, side, quantity,
       price, fee, cash_amount, realized_gross, position_quantity,
       position_cost, position_realized, quote_bid, quote_ask, quote_time, executed_at, recorded_at)
     VALUES (p_trade, p_owner, p_account, p_instrument, p_order, 4, 'PAPER', 'BUY', 1, 101, 0.1, -101, 0, 1, 101, 0, 99, 101,
       now(), now(), now())`,
  `UPDATE positions SET quantity = quantity + 1, total_cost = total_cost + 101, updated_at = now()
     WHERE id = p_position`,
  `INSERT INTO ledger_transfers (id, owner_id, cause, cause_id, currency, occurred_at, recorded_at)
     SELECT id, p_owner, cause::transfer_cause, p_trade, 'USD', now(), now()
     FROM (VALUES (p_order, 'FILL'), (p_trade, 'FEE')) AS t (id, cause)`,
  `INSERT INTO ledger_entries (transfer_id, line, owner_id, ledger_account, account_id, amount, occurred_at)
     SELECT id, line, p_owner, kind::ledger_account_kind, CASE line WHEN 0 THEN p_account END, amount, now()
     FROM (VALUES (p_order, 0, 'CASH', -101), (p_order, 1, 'CLEARING', 101), (p_trade, 0, 'CASH', -0.1),
       (p_trade, 1, 'FEES', 0.1)) AS e (id, line, kind, amount)`,
  `UPDATE accounts SET cash = cash - 101.1 WHERE id = p_account`,
  `INSERT INTO outbox (topic, owner_id, type, version, payload, occurred_at)
     SELECT 'account:' || p_account, p_owner, 'OrderChanged', 1, value, now()
     FROM jsonb_array_elements(p_payloads)`,
];

const PARAMETERS: readonly (readonly [string, string])[] = [
  ['p_order', 'uuid'],
  ['p_trade', 'uuid'],
  ['p_owner', 'uuid'],
  ['p_account', 'uuid'],
  ['p_instrument', 'uuid'],
  ['p_position', 'uuid'],
  ['p_payloads', 'jsonb'],
];

export async function createFloor(ownerUrl: string): Promise<void> {
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  const parameters = PARAMETERS.map(([name, type]) => `${name} ${type}`).join(', ');
  await owner.query(`CREATE FUNCTION bench_order(${parameters}) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN ${STATEMENTS.join(';\n')}; END $$`);
  await owner.end();
}

export async function analyzeTables(ownerUrl: string): Promise<void> {
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query('ANALYZE');
  await owner.end();
}

/** Orders by hand, on one connection: in one call each, or a statement at a time. */
export interface FloorClient {
  inOneCall(): Promise<void>;
  byStatements(): Promise<void>;
  end(): Promise<void>;
}

/** `payloads`: of the events that an order and its fill tell, a JSON array. */
export async function openFloorClient(
  ownerUrl: string,
  account: FloorAccount,
  payloads: string,
): Promise<FloorClient> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  const valuesOf = (): readonly string[] => [
    ...[crypto.randomUUID(), crypto.randomUUID(), account.ownerId, account.id],
    ...[account.instrumentId, account.positionId, payloads],
  ];
  const call = `SELECT bench_order(${PARAMETERS.map((_given, n) => `$${String(n + 1)}`).join(', ')})`;
  const texts = STATEMENTS.map(statementOf);
  return {
    async inOneCall() {
      await client.query({ name: 'bench_order', text: call, values: [...valuesOf()] });
    },
    async byStatements() {
      const all = valuesOf();
      await client.query('BEGIN');
      for (const [index, { text, used }] of texts.entries()) {
        const values = used.map((at) => all[at]);
        await client.query({ name: `bench_${String(index)}`, text, values });
      }
      await client.query('COMMIT');
    },
    end: () => client.end(),
  };
}

/** A statement of the function by itself, with the places of the values that it has. */
function statementOf(statement: string): {
  readonly text: string;
  readonly used: readonly number[];
} {
  const used = PARAMETERS.flatMap(([name], at) => (statement.includes(name) ? [at] : []));
  let text = statement.replace(/^PERFORM/, 'SELECT');
  for (const [index, at] of used.entries()) {
    const [name, type] = PARAMETERS[at] ?? ['', ''];
    text = text.replaceAll(name, `$${String(index + 1)}::${type}`);
  }
  return { text, used };
}
