/** Apollo Server over Prisma, each used as its documentation has it. */
import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../../src/services/platform/prisma/client.ts';
import { listening, options, userOf } from '../peer.mjs';
import { resolvers } from './resolvers.mjs';

const prisma = new PrismaClient({
  adapter: new PrismaPg({ connectionString: options.databaseUrl, max: options.poolSize }),
  // As patient as the others: a busy machine makes it slow, and no error of it.
  transactionOptions: { maxWait: 60_000, timeout: 60_000 },
});

/** The extension of Prisma's documentation of row-level security: the viewer goes before each query. */
const forViewer = (userId) =>
  prisma.$extends({
    query: {
      $allOperations: async ({ args, query }) => {
        const [, result] = await prisma.$transaction([
          prisma.$executeRaw`SELECT set_config('app.user_id', ${userId}, true), set_config('app.role', 'USER', true)`,
          query(args),
        ]);
        return result;
      },
    },
  });

const server = new ApolloServer({
  typeDefs: readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'),
  resolvers,
  introspection: false,
});
const { url } = await startStandaloneServer(server, {
  listen: { port: 0, host: '127.0.0.1' },
  context: async ({ req }) => {
    const userId = userOf(req.headers.authorization);
    return { userId, db: forViewer(userId), loaders: new Map() };
  },
});
listening(new URL(url).port);
