/* What the fields that all events have in common say of themselves. */
export const CURSOR = 'Its place among all events. Give it as `after` to go on behind it.';
export const OCCURRED_AT = 'When it happened; of a state that comes first, when it was read.';
export const AFTER =
  'Go on behind this event, exactly: nothing is lost and nothing comes twice. Without it the ' +
  'stream begins with the current state.';
