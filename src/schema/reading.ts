/**
 * Spread into the options of a field of a row that its resolver reads no other columns of it. Lists of
 * rows of which every selected field says so, or is a column itself, read no others: a resolver that looks
 * at one all the same gets an error.
 */
export const reading = <Row>(...fields: readonly (keyof Row & string)[]) => ({
  extensions: { reads: fields },
});
