import { describe, expect, test } from 'vitest';
import type { openBrokerHouse } from './broker-house.ts';

type House = Omit<Awaited<ReturnType<typeof openBrokerHouse>>, 'alpaca' | 'fake'>;

/**
 * What becomes of an order when its venue does not say what became of it, at whatever venue. After each, `settle` looks
 * whether the books are the venue's.
 */
export function describeLostAnswers(house: House, settle: () => Promise<void>): void {
  const { open, connect, place, until, venue, office } = house;

  describe('an answer that is lost', () => {
    test.each(['SILENT_AFTER_ACCEPTANCE', 'BROKEN_AFTER_ACCEPTANCE'] as const)(
      '%s: the order is UNKNOWN, is found by our id, and was sent once',
      async (fault) => {
        // Nobody listens: only looking for it can tell.
        await connect();
        venue().failNext(fault);
        const order = await place();
        expect([order.status, order.reserved.toFixed()]).toEqual(['UNKNOWN', '1500']); // 10 × 150
        await office.current.desk.start();
        await until(order, ['ACCEPTED', '0']);
        expect(venue().orderCount()).toBe(1);
        venue().fill(order.id, '10', '150');
        await until(order, ['FILLED', '10']);
        await settle();
      },
    );

    test('of an order that never arrived: it is rejected after two looks, and never sent again', async () => {
      await open();
      venue().failNext('BROKEN');
      const order = await place();
      expect(order.status).toBe('UNKNOWN');
      await until(order, ['REJECTED', '0']);
      const after = await house.newest(order);
      expect([after.reasonCode, after.reserved.toFixed()]).toEqual(['NEVER_ARRIVED', '0']);
      expect(venue().orderCount()).toBe(0);
      await settle();
    });

    test('of one that fills before it is found: it is booked', async () => {
      await connect();
      venue().failNext('SILENT_AFTER_ACCEPTANCE');
      const order = await place();
      venue().fill(order.id, '10', '149');
      await office.current.desk.start();
      await until(order, ['FILLED', '10']);
      expect(venue().orderCount()).toBe(1);
      await settle();
    });

    test('since the venue was busy: it gets the order once', async () => {
      await open();
      venue().failNext('BUSY');
      venue().failNext('BUSY');
      const order = await place();
      expect(order.status).toBe('ACCEPTED');
      expect(venue().orderCount()).toBe(1);
      await settle();
    });
  });
}
