import { expect, test } from 'vitest';
import { Decimal } from '../../../src/services/platform/money.ts';
import { judgeVenue } from '../../../src/services/trading/brokers/venue-gate.ts';
import { closingOrder, type ClosePosition } from '../../../src/services/trading/closing-order.ts';
import { parsePlacement } from '../../../src/services/trading/placement.ts';
import { denialOf } from '../../../src/services/trading/refusal.ts';

const of = (text: string) => new Decimal(text);

test('a notional that is none is called a notional', () => {
  const accountId = '00000000-0000-7000-8000-000000000000';
  const order = { accountId, symbol: 'ACME', clientOrderId: 'id', side: 'BUY' } as const;
  expect(() => parsePlacement({ ...order, notional: of('-1000') })).toThrow(
    /^A notional is above 0/,
  );
});

test('an order that only closes is told what it could close, on either side', () => {
  const refusal = { code: 'INSUFFICIENT_POSITION', required: '1', available: '0' } as const;
  const messageOf = (isClosing: boolean) => denialOf({ ...refusal, isClosing }, null).message;
  expect(messageOf(true)).toBe('Order closes 1; 0 can be closed.');
  expect(messageOf(false)).toBe('Order sells 1; 0 can be sold.');
});

test('where nothing is ordered in an account, the account is named', async () => {
  const refusal = await judgeVenue(() => Promise.resolve([]), {
    account: { id: 'account', kind: 'EXTERNAL' },
    instrument: { symbol: 'ACME', source: 'SIMULATED' },
    isLiveTrading: false,
  });
  if (!refusal) throw new Error('It is refused.');
  expect(denialOf(refusal, null)).toMatchObject({
    code: 'INSTRUMENT_NOT_TRADABLE',
    message: 'ACME cannot be traded in an EXTERNAL account: its trades are reported.',
  });
});

test('a percent of a position that is less than a lot names the lot', () => {
  const closing = (percent: string) => {
    const command: ClosePosition = {
      ...{ accountId: 'account', symbol: 'ACME', clientOrderId: 'id', percent: of(percent) },
    };
    const sizes = { lotSize: of('1'), quantity: of('10') };
    return closingOrder(command, { instrumentId: 'id', symbol: 'ACME', ...sizes });
  };
  // 10 × 9% = 0.9 of a lot of 1; 10 × 10% = 1.
  expect(() => closing('9')).toThrow('The quantity 0.9 is not a multiple of 1.');
  expect(closing('10').quantity?.toFixed()).toBe('1');
});
