import { columnsOf } from '../platform/model-columns.ts';
import type { Prisma, User } from '../platform/prisma/client.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import { signUp, type SignUp, type SignUpPorts } from './sign-up.ts';

/** What the graph asks for of a person. */
export type UserSelection = Prisma.UserDefaultArgs;

type VisibleUser = Omit<User, 'passwordHash'>;

const USER_OF_ID = `SELECT ${columnsOf('User')} FROM users WHERE id = $1::uuid`;

export type Users = ReturnType<typeof createUsers>;

export function createUsers(ports: SignUpPorts) {
  return {
    /** See {@link signUp}. */
    signUp: (viewer: Viewer, person: SignUp) => signUp(ports, viewer, person),

    /** The viewer's own row. Throws Unauthenticated when nobody is logged in. */
    async me(viewer: Viewer): Promise<VisibleUser> {
      const values = [requireUser(viewer).userId];
      const [user] = await ports.db.read(viewer, (ask) =>
        ask<VisibleUser>({ text: USER_OF_ID, values }),
      );
      if (!user) throw new Error('Who is logged in has no row.');
      return user;
    },
  };
}
