import { maxAliasesPlugin } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthPlugin } from '@escape.tech/graphql-armor-max-depth';
import { maxDirectivesPlugin } from '@escape.tech/graphql-armor-max-directives';
import { maxTokensPlugin } from '@escape.tech/graphql-armor-max-tokens';
import type { GraphQLError, ValidationContext } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { LimitsConfig } from '../services/platform/config/config.ts';
import { protocolError } from './protocol-error.ts';

/** The limits on the form of a document. They hold for every transport, since parsing does. */
export function useLimits(limits: LimitsConfig): Plugin[] {
  const reported = {
    onReject: [
      (context: ValidationContext | null, error: GraphQLError) => {
        context?.reportError(tooComplex(error));
      },
    ],
    propagateOnRejection: false,
  };
  return [
    maxTokensPlugin({
      n: limits.queryTokens,
      onReject: [
        (_context, error) => {
          throw tooComplex(error);
        },
      ],
    }),
    maxDepthPlugin({ n: limits.queryDepth, flattenFragments: true, ...reported }),
    // `__typename` counts like any other field.
    maxAliasesPlugin({ n: limits.queryAliases, allowList: [], ...reported }),
    maxDirectivesPlugin({ n: limits.queryDirectives, ...reported }),
  ];
}

function tooComplex({ message }: GraphQLError): GraphQLError {
  return protocolError('QUERY_TOO_COMPLEX', message.replace('Syntax Error: ', ''));
}
