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

const personal = await openTestApp({ variables: { OPEN_STREAM_LIMIT_PER_PERSON: '2' } });
const ofPeople = await serve(personal);
const QUOTES = 'subscription { quotes(symbols: ["ACME.SIM"]) { bid } }';

test('one person has their number of sockets, others go on, and closed ones make room', async () => {
  const [bob, carol] = [await personal.addPerson('bob'), await personal.addPerson('carol')];
  const openAs = async (token: string) => {
    const socket = await openRawSocket(ofPeople.port);
    socket.send({ type: 'connection_init', payload: { accessToken: token } });
    const answer = socket.next().then(({ type }) => type);
    return { socket, answered: await Promise.race([answer, socket.closed]) };
  };
  const first = await openAs(bob.token);
  // By another session of the same person, too.
  const second = await openAs(await personal.logIn(bob));
  expect([first.answered, second.answered]).toEqual(['connection_ack', 'connection_ack']);
  expect((await openAs(bob.token)).answered).toBe(1013);
  expect((await openAs(carol.token)).answered).toBe('connection_ack');
  // Those that are open stay so.
  second.socket.subscribe('{ __typename }');
  expect(await second.socket.next()).toMatchObject({ type: 'next' });
  first.socket.close();
  await until('there is room again', async () => {
    const { socket, answered } = await openAs(bob.token);
    socket.close();
    return answered === 'connection_ack';
  });
});

test('one person has their number of event streams, and those that end make room', async () => {
  const [dora, emil] = [await personal.addPerson('dora'), await personal.addPerson('emil')];
  personal.quote();
  const openAs = async (token: string) => {
    const connection = connectBySse({ url: ofPeople.url, token });
    const first = await connection
      .iterate({ query: QUOTES })
      .next()
      .catch((error: unknown) => ({ value: { refusal: String(error) } }));
    return { connection, first: first.value as object };
  };
  const ALLOWED = { data: { quotes: { bid: '99' } } };
  const streams = [await openAs(dora.token), await openAs(await personal.logIn(dora))];
  for (const { first } of streams) expect(first).toEqual(ALLOWED);
  expect((await openAs(dora.token)).first).toEqual({
    refusal: expect.stringContaining('429') as string,
  });
  const other = await openAs(emil.token);
  expect(other.first).toEqual(ALLOWED);
  streams[0]?.connection.close();
  await until('there is room again', async () => {
    const { connection, first } = await openAs(dora.token);
    connection.close();
    return 'data' in first;
  });
  for (const { connection } of [...streams, other]) connection.close();
});

test('one socket has its number of operations, and those that end make room', async () => {
  const { token } = await personal.addPerson('frida');
  personal.quote();
  const socket = await openRawSocket(ofPeople.port);
  await socket.init({ accessToken: token });
  // A hundred, each with an answer, so that it is known to run.
  for (let n = 1; n <= 100; n += 1) {
    socket.subscribe(QUOTES, {}, `n${String(n)}`);
    expect(await socket.next()).toMatchObject({ type: 'next', id: `n${String(n)}` });
  }
  socket.subscribe(QUOTES, {}, 'one more');
  const refusal = { type: 'error', id: 'one more' };
  expect(await socket.next()).toMatchObject({
    ...refusal,
    payload: [{ extensions: { code: 'RATE_LIMITED' } }],
  });
  socket.send({ type: 'complete', id: 'n1' });
  socket.subscribe(QUOTES, {}, 'in its place');
  expect(await socket.next()).toMatchObject({ type: 'next', id: 'in its place' });
});
