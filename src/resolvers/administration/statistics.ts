import { AdminRef } from '../../schema/accounts/user.ts';
import {
  DayStatistics,
  PeopleStatistics,
  PresentStatistics,
  StatisticsRef,
  StorageStatistics,
} from '../../schema/administration/statistics.ts';
import { builder } from '../../schema/builder.ts';

/** Each part counts over everyone. */
const PART_COST = 50;
const complexity = { field: PART_COST };

builder.objectField(AdminRef, 'statistics', (t) =>
  t.field({
    type: StatisticsRef,
    description: 'Figures over everyone.',
    args: {
      day: t.arg({
        type: 'Date',
        required: false,
        description: 'The day of `day`, in UTC. Today, when it is left out.',
      }),
    },
    resolve: (_admin, { day }, { services }) => services.statistics.begin(day ?? undefined),
  }),
);

builder.objectFields(StatisticsRef, (t) => ({
  people: t.field({
    type: PeopleStatistics,
    description: 'How many people there are.',
    complexity,
    resolve: (_parts, _args, { viewer, services }) => services.statistics.people(viewer),
  }),
  present: t.field({
    type: PresentStatistics,
    description: 'What there is now.',
    complexity,
    resolve: ({ asOf }, _args, { viewer, services }) => services.statistics.present(viewer, asOf),
  }),
  day: t.field({
    type: DayStatistics,
    description: 'What there was in the day that you asked for.',
    complexity,
    resolve: ({ day, asOf }, _args, { viewer, services }) =>
      services.statistics.day(viewer, day ?? asOf),
  }),
  storage: t.field({
    type: StorageStatistics,
    description: 'What the database takes on disk.',
    complexity,
    resolve: (_parts, _args, { viewer, services }) => services.statistics.storage(viewer),
  }),
}));
