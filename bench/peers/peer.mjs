import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a peer is told when it starts: the URL of the database, and the secret of the tokens. */
export const options = JSON.parse(process.argv[2] ?? '{}');

/** Tells the bench where the peer listens; from then on it answers how much processor time it used. */
export function listening(port) {
  process.on('message', (question) => {
    if (question === 'cpu') process.send?.({ cpu: process.cpuUsage() });
  });
  // The bench has ended, however that came.
  process.on('disconnect', () => process.exit());
  process.send?.({ url: `http://127.0.0.1:${port}/graphql` });
}

/** Whose a token is, if we signed it and it has not expired; its session is not looked up. */
export function userOf(authorization) {
  const [header = '', payload = '', signature = ''] = (authorization ?? '').slice(7).split('.');
  const signed = createHmac('sha256', options.secret).update(`${header}.${payload}`).digest();
  const given = Buffer.from(signature, 'base64url');
  const isSigned = given.length === signed.length && timingSafeEqual(given, signed);
  if (!isSigned || parse(header).alg !== 'HS256') throw new Error('The token is not good.');
  const { sub, exp } = parse(payload);
  if (exp * 1_000 < Date.now()) throw new Error('The token has expired.');
  return sub;
}

const parse = (part) => JSON.parse(Buffer.from(part, 'base64url').toString());

export const globalId = (type, id) => Buffer.from(`${type}:${id}`).toString('base64url');

export function fromGlobalId(text) {
  const [type, id] = Buffer.from(text, 'base64url').toString().split(':');
  return { type, id };
}

/** Resolvers of ids, the same for each type. */
export const idOf =
  (type) =>
  ({ id }) =>
    globalId(type, id);

/** Places of models by their return, the highest first; the same return is the same rank. */
export function rankEntries(entries) {
  const scored = entries
    .map((entry) => ({
      entry,
      score: Number(entry.return),
      name: `${entry.modelName} ${entry.modelId}`,
    }))
    .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  let rank = 0;
  return scored.map(({ entry, score }, index) => {
    if (index === 0 || scored[index - 1].score !== score) rank = index + 1;
    return { ...entry, rank };
  });
}
