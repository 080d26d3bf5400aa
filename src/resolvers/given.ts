/** What was given: a null means the same as an argument that is left out. */
export type Given<Arguments> = {
  [
    Name in keyof Arguments as null extends Arguments[Name]
      ? never
      : undefined extends Arguments[Name]
        ? never
        : Name
  ]: Arguments[Name];
} & {
  [Name in keyof Arguments]?: NonNullable<Arguments[Name]>;
};

/** The arguments without those that are null, so that a service sees absence in one form alone. */
export function given<Arguments extends object>(given: Arguments): Given<Arguments> {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== null && value !== undefined),
  ) as Given<Arguments>;
}
