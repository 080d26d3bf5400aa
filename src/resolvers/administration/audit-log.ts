import { AdminRef, User } from '../../schema/accounts/user.ts';
import { AuditRecord, AuditRecordConnection } from '../../schema/administration/audit-record.ts';
import { builder } from '../../schema/builder.ts';
import { pageCost } from '../../schema/connections.ts';
import { findInGlobalId } from '../../schema/global-ids.ts';
import { given } from '../given.ts';
import { listedPage } from '../pages.ts';

const AuditFilterInput = builder.inputType('AuditFilter', {
  description: 'What narrows the audit log. All of it must hold.',
  fields: (t) => ({
    actorId: t.globalID({ for: User, required: false, description: 'Who did it.' }),
    action: t.string({ required: false, description: 'What was done, such as `user.disabled`.' }),
    targetType: t.string({ required: false, description: 'What it was done to, such as `User`.' }),
    targetId: t.string({
      required: false,
      description: 'Which one: a global id, or `targetId` of a record.',
    }),
    address: t.string({ required: false, description: 'The whole address of the request.' }),
    from: t.field({ type: 'DateTime', required: false, description: 'Done at or after.' }),
    to: t.field({ type: 'DateTime', required: false, description: 'Done before.' }),
  }),
});

builder.objectField(AdminRef, 'auditLog', (t) =>
  t.connection(
    {
      type: AuditRecord,
      description:
        'What was done to people, permissions, secrets and settings, newest first. A page stays as it ' +
        'is while more is recorded.',
      args: {
        filter: t.arg({ type: AuditFilterInput, required: false, description: 'What narrows it.' }),
      },
      complexity: (args) => pageCost(args),
      resolve: (_admin, { filter, ...page }, { viewer, services: { auditLog } }) => {
        const { actorId, targetId, ...others } = given(filter ?? {});
        const wanted = {
          ...others,
          ...(actorId && { actorId: actorId.id }),
          ...(targetId !== undefined && { targetId: findInGlobalId(targetId)?.id ?? targetId }),
        };
        return listedPage(page, {
          timeField: 'occurredAt',
          list: (_selection, asked) => auditLog.list(viewer, asked, wanted),
          count: () => auditLog.count(viewer, wanted),
        });
      },
    },
    AuditRecordConnection,
  ),
);

builder.objectField(AuditRecord, 'actor', (t) =>
  t.field({
    type: User,
    nullable: true,
    description: 'Who did it. Null when nobody was logged in, or a command of an operator did it.',
    resolve: ({ actorId }, _args, { load }) =>
      actorId === null ? null : load.byId('user', actorId),
  }),
);
