import type { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Gives what validation found its code: it does not pass the mask on its way out. */
export function useErrorCodes(maskError: (error: unknown) => GraphQLError): Plugin {
  return {
    onValidate() {
      return ({ valid, result, setResult }) => {
        if (!valid) setResult(result.map(maskError));
      };
    },
  };
}
