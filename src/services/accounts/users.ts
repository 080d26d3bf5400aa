import type { Prisma } from '../platform/prisma/client.ts';
import { requireUser, type Viewer } from '../platform/viewer.ts';
import { signUp, type SignUp, type SignUpPorts } from './sign-up.ts';

/** What the graph asks for of a person. */
export type UserSelection = Prisma.UserDefaultArgs;

export type Users = ReturnType<typeof createUsers>;

export function createUsers(ports: SignUpPorts) {
  return {
    /** See {@link signUp}. */
    signUp: (viewer: Viewer, person: SignUp) => signUp(ports, viewer, person),

    /** The viewer's own row. Throws Unauthenticated when nobody is logged in. */
    async me(viewer: Viewer, selection: UserSelection) {
      const id = requireUser(viewer).userId;
      return ports.db.snapshot(viewer, (tx) =>
        tx.user.findUniqueOrThrow({ ...selection, where: { id } }),
      );
    },
  };
}
