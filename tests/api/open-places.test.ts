import { expect, test } from 'vitest';
import { openTestApp } from '../support/app.ts';
import { connectBySse } from '../support/live-connection.ts';
import { openRawSocket } from '../support/raw-socket.ts';
import { serve } from '../support/served.ts';
import { until } from '../support/until.ts';

const house = await openTestApp({
  variables: { OPEN_STREAM_LIMIT_PER_ADDRESS: '2', TRUSTED_PROXIES: '127.0.0.1,::1' },
});
const { url, port } = await serve(house);
const from = (address: string) => openRawSocket(port, { forwardedFor: address });

test('one address opens its number of sockets, others go on, and closed ones make room', async () => {
  const first = await from('192.0.2.1');
  expect([first.outcome, (await from('192.0.2.1')).outcome]).toEqual(['open', 'open']);
  expect((await from('192.0.2.1')).outcome).toBe(503);
  expect((await from('192.0.2.2')).outcome).toBe('open');
  first.close();
  await until('there is room again', async () => (await from('192.0.2.1')).outcome === 'open');
});

test('one address opens its number of event streams, and is told when there is no more', async () => {
  const ada = await house.addPerson('ada');
  const query = 'subscription { tradeExecuted { __typename } }';
  const connections = [1, 2, 3].map(() => connectBySse({ url, token: ada.token }));
  const answers: unknown[] = [];
  for (const connection of connections) {
    const results = connection.iterate({ query });
    results.next().then(
      ({ value }) => answers.push(value),
      (error: unknown) => answers.push(error),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await until('one is refused', () => answers.length === 1);
  expect(answers).toMatchObject([{ message: expect.stringContaining('429') as string }]);
  for (const connection of connections) connection.close();
});
