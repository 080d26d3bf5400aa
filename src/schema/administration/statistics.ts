import type {
  Count,
  CurrencyVolume as VolumeShape,
  DayFigures,
  PeopleFigures,
  PresentFigures,
  StorageFigures,
  TableSize as TableShape,
} from '../../services/administration/statistics.ts';
import type { UserRole, UserStatus } from '../../services/platform/prisma/enums.ts';
import { UserRoleEnum, UserStatusEnum } from '../accounts/user.ts';
import { builder } from '../builder.ts';

/** What the figures of a whole begin with. It is counted when a part of it is asked for. */
export const StatisticsRef = builder.objectRef<{ readonly asOf: Date; readonly day?: Date }>(
  'Statistics',
);
StatisticsRef.implement({
  description: 'Figures over everyone. Each part is counted when it is asked for.',
  fields: (t) => ({
    asOf: t.expose('asOf', { type: 'DateTime', description: 'When it was counted.' }),
  }),
});

const StatusCount = builder.objectRef<Count<UserStatus>>('UserStatusCount');
StatusCount.implement({
  description: 'How many people have a status.',
  fields: (t) => ({
    status: t.expose('of', { type: UserStatusEnum, description: 'The status.' }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
});

const RoleCount = builder.objectRef<Count<UserRole>>('UserRoleCount');
RoleCount.implement({
  description: 'How many people have a role.',
  fields: (t) => ({
    role: t.expose('of', { type: UserRoleEnum, description: 'The role.' }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
});

export const PeopleStatistics = builder.objectRef<PeopleFigures>('PeopleStatistics');
PeopleStatistics.implement({
  description: 'How many people there are.',
  fields: (t) => ({
    byStatus: t.expose('byStatus', {
      type: [StatusCount],
      description: 'One entry for each status that somebody has.',
    }),
    byRole: t.expose('byRole', {
      type: [RoleCount],
      description: 'One entry for each role that somebody has who is not deleted.',
    }),
  }),
});

export const PresentStatistics = builder.objectRef<PresentFigures>('PresentStatistics');
PresentStatistics.implement({
  description: 'What there is now.',
  fields: (t) => ({
    activeModels: t.exposeInt('activeModels', { description: 'Models that run.' }),
    openSessions: t.exposeInt('openSessions', { description: 'Sessions that may go on.' }),
    queuedMails: t.exposeInt('queuedMails', { description: 'Mails that wait to be sent.' }),
    failedMails: t.exposeInt('failedMails', {
      description: 'Mails that were given up, and are kept.',
    }),
  }),
});

const CurrencyVolume = builder.objectRef<VolumeShape>('CurrencyVolume');
CurrencyVolume.implement({
  description: 'What was traded in a currency.',
  fields: (t) => ({
    currency: t.exposeString('currency', { description: 'ISO 4217, or the code of a coin.' }),
    trades: t.exposeInt('trades', { description: 'How many trades.' }),
    volume: t.expose('volume', {
      type: 'Decimal',
      description: 'Sum of price times quantity over them.',
    }),
  }),
});

export const DayStatistics = builder.objectRef<DayFigures>('DayStatistics');
DayStatistics.implement({
  description: 'What there was in a day, from midnight to midnight in UTC.',
  fields: (t) => ({
    date: t.expose('date', { type: 'Date', description: 'The day.' }),
    orders: t.exposeInt('orders', { description: 'Orders that came in, denied ones among them.' }),
    trades: t.exposeInt('trades', {
      description: 'Trades executed, also those that were imported; corrections are none.',
    }),
    volumes: t.expose('volumes', {
      type: [CurrencyVolume],
      description: 'What was traded, by currency.',
    }),
    refusals: t.exposeInt('refusals', {
      description:
        'Audit records of what was refused: log-ins, stolen tokens, keys from elsewhere, and attempts ' +
        'to administer.',
    }),
  }),
});

const TableSize = builder.objectRef<TableShape>('TableSize');
TableSize.implement({
  description: 'What a table takes on disk.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name in the database.' }),
    rows: t.exposeFloat('rows', {
      description: 'About how many rows, as last estimated; 0 before. Whole, and past 32 bits.',
    }),
    bytes: t.exposeFloat('bytes', {
      description: 'With its indexes and what is kept beside it. Whole, and past 32 bits.',
    }),
  }),
});

export const StorageStatistics = builder.objectRef<StorageFigures>('StorageStatistics');
StorageStatistics.implement({
  description: 'What the database takes on disk.',
  fields: (t) => ({
    databaseBytes: t.exposeFloat('databaseBytes', {
      description: 'All of it. Whole, and past 32 bits.',
    }),
    tables: t.expose('tables', {
      type: [TableSize],
      description: 'The 100 largest tables, the largest first.',
    }),
  }),
});
