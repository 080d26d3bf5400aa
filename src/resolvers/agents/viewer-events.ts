import { z } from 'zod';
import { ViewerRef } from '../../schema/accounts/user.ts';
import {
  ownItemOf,
  ViewerEventPayload,
  ViewerEventsPage,
} from '../../schema/agents/viewer-events.ts';
import { builder } from '../../schema/builder.ts';
import { Account } from '../../schema/portfolio/account.ts';

const FIRST_DEFAULT = 50;
const FIRST_MAX = 100;
/** So many of the types, about, does a client ask for. */
const FRAGMENTS = 5;

builder.subscriptionField('viewerEvents', (t) =>
  t.field({
    type: ViewerEventPayload,
    description:
      'Everything that happens to your accounts and models, each event once and all in one order. Without ' +
      '`after` the latest one comes first.',
    args: {
      after: t.arg({
        type: 'Cursor',
        required: false,
        description:
          'Go on behind it, exactly: the cursor of an event, or `asOfCursor` of what you loaded.',
      }),
    },
    subscribe: (_root, { after }, { viewer, services }) =>
      services.viewerEvents.follow(viewer, after ?? undefined),
    resolve: ownItemOf,
  }),
);

builder.queryField('events', (t) =>
  t.field({
    type: ViewerEventsPage,
    description:
      'The same as `viewerEvents`, to poll or to catch up with: what is kept of it, the oldest first.',
    args: {
      after: t.arg({
        type: 'Cursor',
        required: false,
        description: 'Only what came behind it. From the oldest event that is kept if left out.',
      }),
      first: t.arg.int({
        defaultValue: FIRST_DEFAULT,
        description: `How many at most, up to ${FIRST_MAX}.`,
        validate: z.number().min(1).max(FIRST_MAX),
      }),
    },
    // Fragments of all types are counted, of which an event has one.
    complexity: ({ first }) => ({ field: 1, multiplier: Math.ceil(first / FRAGMENTS) }),
    resolve: (_root, { after, first }, { viewer, services }) =>
      services.viewerEvents.page(viewer, { after: after ?? undefined, first }),
  }),
);

const AS_OF =
  'How far the events are in what this answer shows. `viewerEvents(after:)` goes on from there: it misses ' +
  'nothing, and may begin with what is in the answer already.';

builder.objectField(ViewerRef, 'asOfCursor', (t) =>
  t.field({
    type: 'Cursor',
    description: AS_OF,
    resolve: (_viewer, _args, { viewer, services }) => services.viewerEvents.asOf(viewer),
  }),
);

builder.objectField(Account, 'asOfCursor', (t) =>
  t.field({
    type: 'Cursor',
    description: AS_OF,
    resolve: (_account, _args, { viewer, services }) => services.viewerEvents.asOf(viewer),
  }),
);
