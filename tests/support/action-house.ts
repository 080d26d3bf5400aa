import type { ActionTerms } from '../../src/services/portfolio/corporate-actions.ts';
import type { Account, Instrument } from '../../src/services/platform/prisma/client.ts';
import { openPortfolioHouse } from './portfolio-house.ts';
import { decimal } from './trading-floor.ts';

export const MINUTE_MS = 60_000;

export const split = (to: string, from: string): ActionTerms => ({
  ...{ kind: 'SPLIT', ratioFrom: decimal(from), ratioTo: decimal(to) },
});

/** A portfolio house in which splits and dividends are announced, a minute ahead if nothing else is said. */
export async function openActionHouse() {
  const house = await openPortfolioHouse();
  const { actions, admin, owner, floor, key, time, database } = house;
  const inAMinute = () => new Date(time.clock.now().getTime() + MINUTE_MS);
  const announce = ({ symbol }: Instrument, terms: ActionTerms, effectiveAt = inAMinute()) =>
    actions.announce(admin, { symbol, terms, effectiveAt, ...key() });
  const openWith = async (acme: Instrument, quantity: string, price: string): Promise<Account> => {
    const account = await floor.openAccount(owner, '1000');
    await house.trade(account, acme, { quantity, price });
    return account;
  };
  const effects = ({ id }: { id: string }) =>
    database.query<{ line: string }>(
      `SELECT trim_scale(quantity_before) || ' to ' || trim_scale(quantity_after) || ', ' ||
         trim_scale(cash) AS line
       FROM corporate_action_effects WHERE action_id = $1 ORDER BY account_id`,
      [id],
    );
  const appliedAt = async ({ id }: { id: string }) => {
    const [row] = await database.query<{ applied_at: Date | null }>(
      'SELECT applied_at FROM corporate_actions WHERE id = $1',
      [id],
    );
    return row?.applied_at;
  };
  return { ...house, inAMinute, announce, openWith, effects, appliedAt };
}
