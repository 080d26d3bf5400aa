import type { AuditRecord as RecordShape } from '../../services/administration/audit-log.ts';
import { builder } from '../builder.ts';
import { connectionOf } from '../list.ts';

export const AuditRecord = builder.objectRef<RecordShape>('AuditRecord');
AuditRecord.implement({
  description:
    'Who did what to whom, and from where. Records are never changed or removed. Those that are sealed ' +
    'are chained, so that a change past all rights would show: `cli audit verify` looks for it.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID', description: 'Its own, as the audit commands name it.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it was done.' }),
    action: t.exposeString('action', {
      description: 'What was done, such as `user.disabled` or `api-key.revoked`.',
    }),
    targetType: t.exposeString('targetType', {
      description: 'What it was done to, such as `User`.',
    }),
    targetId: t.exposeString('targetId', {
      nullable: true,
      description: 'Which one. Null for what has none yet.',
    }),
    before: t.expose('before', {
      type: 'JSON',
      nullable: true,
      description:
        'What it was before, without secrets. Null where nothing was, or nothing is told.',
    }),
    after: t.expose('after', {
      type: 'JSON',
      nullable: true,
      description: 'What it was afterwards, or what was asked for. Null where nothing is told.',
    }),
    address: t.exposeString('address', {
      nullable: true,
      description: 'Where the request came from. Null for a command of an operator.',
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description: 'What the client said that it is. Null where it said nothing.',
    }),
    requestId: t.exposeString('requestId', {
      nullable: true,
      description: 'Finds the request in the log of the server. Null for a command of an operator.',
    }),
    isSealed: t.exposeBoolean('isSealed', {
      description: 'Whether it is in the chain by now. New ones are within seconds.',
    }),
  }),
});

export const AuditRecordConnection = connectionOf(AuditRecord, {
  name: 'AuditRecord',
  entries: 'audit records',
});
