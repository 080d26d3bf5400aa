import { createOperators } from '../../src/app/people.ts';
import { createAudit } from '../../src/services/audit/audit.ts';
import type { UserRole } from '../../src/services/platform/prisma/enums.ts';
import { userViewer, type AuthenticatedViewer } from '../../src/services/platform/viewer.ts';
import type { TestDatabase } from './database.ts';
import type { Graph } from './graph.ts';

export interface Person {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly password: string;
  /** A fresh viewer of theirs, for services that are called without a request. */
  viewer(): AuthenticatedViewer;
}

/** A person who can log in, made as operators make them. */
export async function addPerson(
  { app, config }: Pick<Graph, 'app' | 'config'>,
  { worker }: Pick<TestDatabase, 'worker'>,
  { username, role }: { readonly username: string; readonly role: UserRole },
): Promise<Person> {
  const audit = createAudit(app);
  const operators = createOperators({ ...app, workerDb: worker, audit, config });
  const email = `${username}@secret.example`;
  const password = `the password of ${username}`;
  const { id } = await operators.createUser({ username, email, password, role, status: 'ACTIVE' });
  return { id, username, email, password, viewer: () => userViewer({ userId: id, role }) };
}
