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

export const AccountTypeEnum = builder.enumType('AccountType', {
  description: 'In whose name somebody trades.',
  values: {
    INDIVIDUAL: { description: 'In their own.' },
    BUSINESS: { description: 'In that of a company.' },
  },
});

export const KycStatusEnum = builder.enumType('KycStatus', {
  description: 'What administrators found out about who a person is ("know your customer").',
  values: {
    NONE: { description: 'Nobody has looked.' },
    PENDING: { description: 'Somebody looks.' },
    VERIFIED: { description: 'The person is who they say. Live trading and payouts need it.' },
    REJECTED: { description: 'The person is not who they say, or could not show it.' },
  },
});

const SignUpRiskEnum = builder.enumType('SignUpRisk', {
  description: 'Why an approver should look twice at a sign-up.',
  values: {
    DISPOSABLE_EMAIL: { description: 'The address is of a service that throws mail away.' },
    VELOCITY: {
      description: 'Many signed up from its network, or with its domain, within an hour.',
    },
    EMAIL_IN_USE: { description: 'The address is that of somebody else.' },
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
    emailVerifiedAt: t.expose('emailVerifiedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When they followed the link that was mailed to `email`. Null before.',
    }),
    fullName: t.exposeString('fullName', {
      nullable: true,
      description: 'As they say themselves. Null when they did not.',
    }),
    accountType: t.expose('accountType', {
      type: AccountTypeEnum,
      description: 'In whose name they trade.',
    }),
    kycStatus: t.expose('kycStatus', {
      type: KycStatusEnum,
      description: 'What administrators found out about who they are.',
    }),
    signUpRisks: t.expose('signUpRisks', {
      type: [SignUpRiskEnum],
      nullable: true,
      description:
        'Why an approver should look twice at the sign-up; empty for no reason. Null for all but ' +
        'administrators.',
    }),
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
    kycStatus: t.field({ type: [KycStatusEnum], required: false, description: 'One of these.' }),
    isRisky: t.boolean({
      required: false,
      description: 'Whether there is a reason to look twice at the sign-up.',
    }),
    username: t.string({ required: false, description: 'The whole name, in any case.' }),
    email: t.string({ required: false, description: 'The whole address, in any case.' }),
    search: t.string({
      required: false,
      description: 'How the user name or the address begins, in any case. At least two characters.',
    }),
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
