import { Decimal, ZERO } from '../../platform/money.ts';
import { applyWrites } from '../../platform/writes.ts';
import { lockAccount, lockOpenPosition } from '../../portfolio/locks.ts';
import type { Tx } from '../../platform/database.ts';
import type { Instrument } from '../../platform/prisma/client.ts';
import type { Booking } from '../../portfolio/booking.ts';
import type { BrokerFill } from './broker.ts';

interface Given {
  readonly accountId: string;
  /** What the fee was taken of; undefined when it is not listed here. */
  readonly feeInstrument: Instrument | undefined;
}

/** What is done once the fill is booked. */
type Payment = ((booking: Pick<Booking, 'prepare'>) => Promise<void>) | undefined;

/**
 * How the fee of a fill is paid that the venue took of another holding, such as its own coin. That
 * holding has less of it: it is sold at the price that the venue told, and the fee is what that
 * brings, so that cash and both positions are the venue's. What our books do not hold is charged to
 * cash at its worth instead, and shows as what the venue and the books disagree about.
 */
export async function settleFeeElsewhere(
  tx: Tx,
  fill: BrokerFill,
  { accountId, feeInstrument }: Given,
): Promise<{ readonly fill: BrokerFill; readonly pay: Payment }> {
  const { feeElsewhere: taken, brokerTradeId } = fill;
  if (!taken) return { fill, pay: undefined };
  const worth = taken.quantity.times(taken.price);
  const where = { accountId, instrumentId: feeInstrument?.id ?? '' };
  const position = feeInstrument && (await lockOpenPosition(tx, where));
  if (!position || new Decimal(position.quantity).lessThan(taken.quantity)) {
    return { fill: { ...fill, fee: fill.fee.plus(worth) }, pay: undefined };
  }
  const pay: Payment = async (booking) => {
    const account = await lockAccount(tx, accountId);
    if (!account) throw new Error(`There is no account ${accountId}.`);
    const { _max: last } = await tx.trade.aggregate({ where, _max: { executedAt: true } });
    const { executedAt } = last;
    const isLate = executedAt !== null && executedAt > fill.executedAt;
    const { writes } = booking.prepare(
      {
        ...{ account, instrument: feeInstrument, side: 'SELL', source: 'CORRECTION' },
        ...{ quantity: taken.quantity, price: taken.price, fee: worth },
        ...{ brokerTradeId: `${brokerTradeId}/fee`, released: ZERO },
        executedAt: isLate ? executedAt : fill.executedAt,
      },
      account,
      position,
    );
    await applyWrites(tx, writes);
  };
  return { fill, pay };
}
