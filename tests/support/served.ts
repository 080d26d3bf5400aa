import type { GraphQLSchema } from 'graphql';
import { startServer, type RunningServer } from '../../src/server.ts';
import { afterwards } from './afterwards.ts';
import type { TestApp } from './app.ts';

/** The test's app on a free port, stopped after the file's last test. */
export async function serve(
  { app, config }: Pick<TestApp, 'app' | 'config'>,
  schema?: GraphQLSchema,
): Promise<RunningServer> {
  const server = await startServer({ app, config, ...(schema && { schema }) });
  afterwards(() => server.stop());
  return server;
}
