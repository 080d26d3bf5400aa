import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';

export const UserRoleEnum = builder.enumType('UserRole', {
  description: 'What a person may do. Each role may do all that those before it may.',
  values: {
    VIEWER: { description: 'May look.' },
    USER: { description: 'May own models and accounts, and trade.' },
    PREMIUM: { description: 'As USER, with more of it.' },
    ADMIN: { description: 'May see what everyone has.' },
    SUPER_ADMIN: { description: 'May change who is an administrator.' },
  },
});

export const UserStatusEnum = builder.enumType('UserStatus', {
  description: 'Whether a person may log in.',
  values: {
    PENDING: { description: 'Waits for an administrator to approve the sign-up.' },
    ACTIVE: { description: 'May log in.' },
    REJECTED: { description: 'Was not approved.' },
    DISABLED: { description: 'Was shut out.' },
    DELETED: { description: 'Is gone: nothing personal is left.' },
  },
});

export const User = builder.prismaNode('User', {
  nullable: true,
  description: 'A person. Seen by that person and by administrators alone.',
  id: { field: 'id' },
  fields: (t) => ({
    username: t.exposeString('username', {
      description: 'Unique in whatever case, such as `ada`.',
    }),
    email: t.exposeString('email', { description: 'Where mail goes to.' }),
    role: t.expose('role', { type: UserRoleEnum, description: 'What this person may do.' }),
    status: t.expose('status', {
      type: UserStatusEnum,
      description: 'Whether this person may log in.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When they signed up.' }),
  }),
});

export const UserConnection = connectionOf(User, { name: 'User', entries: 'people' });

export const UserFilterInput = builder.inputType('UserFilter', {
  description: 'What narrows a list of people. All of it must hold.',
  fields: (t) => ({
    status: t.field({ type: [UserStatusEnum], required: false, description: 'One of these.' }),
    role: t.field({ type: [UserRoleEnum], required: false, description: 'One of these.' }),
    username: t.string({ required: false, description: 'The whole name, in any case.' }),
    email: t.string({ required: false, description: 'The whole address, in any case.' }),
  }),
});

/** The entry to what is everyone's. It has no state. */
export const AdminRef = builder.objectRef<Readonly<Record<string, never>>>('Admin');
AdminRef.implement({ description: 'What administrators see of everyone.' });

/** The entry to what is one's own. It has no state: the context knows who looks. */
export const ViewerRef = builder.objectRef<{ readonly userId: string }>('Viewer');
ViewerRef.implement({
  description:
    'What is yours. Root lists such as `orders` show the same rows with filters, and never more.',
});
