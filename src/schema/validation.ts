import { GraphQLError } from 'graphql';

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * What zod found wrong in the arguments, as an error that names the field, such as `input.name`.
 */
export function validationError({ issues }: { readonly issues: readonly Issue[] }): GraphQLError {
  const problems = issues.map(({ message, path = [] }) => ({
    field: path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.'),
    message,
  }));
  const summary = problems.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return new GraphQLError(summary, {
    extensions: { code: 'BAD_USER_INPUT', field: problems[0]?.field ?? '', problems },
  });
}
