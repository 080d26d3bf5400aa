import type { Gap } from '../../services/platform/event-log/log-reader.ts';
import { builder } from '../builder.ts';

const GapReasonEnum = builder.enumType('StreamGapReason', {
  description: 'Why a stream could not begin at its cursor.',
  values: {
    TOO_OLD: { description: 'Events behind the cursor are no longer kept.' },
    BEYOND_HEAD: { description: 'The cursor is of another database, or of one since restored.' },
    MALFORMED: { description: 'The cursor is none.' },
  },
});

export const StreamGap = builder.objectRef<Gap>('StreamGap').implement({
  description:
    'Events may be missing: load the current state anew. The stream goes on behind the gap.',
  fields: (t) => ({
    reason: t.expose('reason', { type: GapReasonEnum, description: 'Why there is a gap.' }),
    from: t.expose('from', { type: 'Cursor', description: 'The cursor that you gave.' }),
    oldest: t.expose('oldest', {
      type: 'Cursor',
      description: 'Place of the oldest event that is kept.',
    }),
  }),
});
