import { defineConfig } from 'prisma/config';

/** Read by the Prisma CLI alone (`prisma generate`); the program opens its connections in src/app.ts. */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
});
