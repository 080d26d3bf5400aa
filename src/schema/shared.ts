/**
 * Spread into the options of a field whose value depends on its object and its arguments alone:
 * never on who asks, nor on the time. Of a subscription's root it says that each event is its own
 * value, whatever the arguments, which only choose the events. Where every selected field is such a
 * one, all who may read it get one result. Scopes that depend on who asks do not go with it.
 */
export const SHARED = { extensions: { shared: true } } as const;
