import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Order } from '../../../../src/services/platform/prisma/client.ts';
import { decimal } from '../../../support/trading-floor.ts';
import { openExchangeHouse } from './broker-house.ts';

const house = await openExchangeHouse();
const { open, connect, place, until, venue, binance, agree, newest, office } = house;

const replace = ({ id }: Order, limitPrice = 140) =>
  office.current.orders.replace(house.viewer(), {
    ...{ orderId: id, limitPrice: decimal(limitPrice), clientOrderId: randomUUID() },
  });

test('an order at an exchange is canceled and placed anew in one request', async () => {
  await open();
  const old = await place();
  venue().fill(old.id, '4', '150');
  await until(old, ['PARTIALLY_FILLED', '4']);
  const order = await replace(old);
  expect(order).toMatchObject({ replacesId: old.id, status: 'ACCEPTED' });
  await until(old, ['REPLACED', '4']);
  expect(await newest(old)).toMatchObject({ replacedById: order.id });
  expect(venue().order(old.id)?.isOpen).toBe(false);
  expect(venue().order(order.id)).toEqual({ quantity: '6', filled: '0', isOpen: true });
  // 6 × 140
  expect((await newest(order)).reserved.toFixed()).toBe('840');
  venue().fill(order.id, '6', '140');
  await until(order, ['FILLED', '6']);
  await agree();
});

test('an answer that is lost leaves it UNKNOWN until it is found', async () => {
  await connect();
  const old = await place();
  venue().failNext('SILENT_AFTER_ACCEPTANCE');
  const order = await replace(old);
  expect(order.status).toBe('UNKNOWN');
  // The exchange says that the old one is canceled; whether another has its place is not known yet.
  expect((await newest(old)).status).toBe('ACCEPTED');
  await office.current.desk.start();
  await until(order, ['ACCEPTED', '0']);
  await until(old, ['REPLACED', '0']);
  expect(venue().orderCount()).toBe(2);
  await agree();
});

test('one that is filled meanwhile is not replaced', async () => {
  await open();
  const old = await place();
  binance().state.fillBeforeReplacing = ['10', '150'];
  expect(await replace(old)).toMatchObject({ status: 'REJECTED' });
  await until(old, ['FILLED', '10']);
  expect(venue().orderCount()).toBe(1);
  await agree();
});

test('one that is filled further meanwhile ends the other', async () => {
  await open();
  const old = await place();
  binance().state.fillBeforeReplacing = ['3', '150'];
  const order = await replace(old);
  await until(old, ['REPLACED', '3']);
  await until(order, ['CANCELED', '0']);
  expect((await newest(order)).reasonCode).toBe('FILLED_WHILE_REPLACED');
  expect(venue().order(order.id)?.isOpen).toBe(false);
  await agree();
});

test('one whose successor is refused after it was canceled is over', async () => {
  await open();
  const old = await place();
  const { state } = binance();
  // Somebody spends nearly all of it at the same moment, past us.
  const { cash } = state;
  state.cash = decimal(100);
  const order = await replace(old);
  expect([order.status, order.reserved.toFixed()]).toEqual(['REJECTED', '0']);
  state.cash = cash;
  await until(old, ['CANCELED', '0']);
  await agree();
});
