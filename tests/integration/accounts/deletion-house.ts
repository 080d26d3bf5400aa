import { randomUUID } from 'node:crypto';
import { afterAll } from 'vitest';
import type { UserRole } from '../../../src/services/platform/prisma/enums.ts';
import type { Viewer } from '../../../src/services/platform/viewer.ts';
import { createTestDatabase } from '../../support/database.ts';
import { openGraph } from '../../support/graph.ts';
import { addPerson, type Person } from '../../support/people.ts';

/** The program over a database of its own, with people who delete each other. */
export async function openDeletionHouse() {
  const database = await createTestDatabase();
  const graph = await openGraph(database);
  afterAll(() => graph.app.stop());
  let people = 0;
  const person = (role: UserRole): Promise<Person> => {
    people += 1;
    return addPerson(graph, database, { username: `somebody_${String(people)}`, role });
  };
  return {
    ...{ database, graph, person },
    remove: (
      actor: { viewer(): Viewer },
      { id: userId, username: confirmUsername }: Person,
      idempotencyKey: string = randomUUID(),
    ) =>
      graph.app.services.userDeletion.delete(actor.viewer(), {
        ...{ userId, confirmUsername, idempotencyKey },
      }),
    stateOf: async ({ id }: Person) => {
      const [row] = await database.query<{ role: string; status: string; username: string }>(
        'SELECT role::text, status::text, username FROM users WHERE id = $1',
        [id],
      );
      return row;
    },
    auditOf: ({ id }: Person) =>
      database.query<{ action: string }>(
        'SELECT action, actor_id, before, after FROM audit_records WHERE target_id = $1 ORDER BY occurred_at, id',
        [id],
      ),
  };
}
