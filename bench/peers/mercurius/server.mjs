/** Mercurius with JIT, and loaders that are written by hand over `pg`. */
import { readFileSync } from 'node:fs';
import fastify from 'fastify';
import mercurius from 'mercurius';
import { listening, options, userOf } from '../peer.mjs';
import { createReads } from './reads.mjs';
import { loaders, resolvers } from './resolvers.mjs';

const readAs = createReads(options);
const app = fastify();
app.register(mercurius, {
  schema: readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'),
  resolvers,
  loaders,
  jit: 1,
  context: (request) => {
    const userId = userOf(request.headers.authorization);
    return { userId, read: readAs(userId) };
  },
});
await app.listen({ port: 0, host: '127.0.0.1' });
listening(app.server.address().port);
