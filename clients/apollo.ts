import { ApolloLink } from '@apollo/client';
import type { Client } from 'graphql-ws';
import { print } from 'graphql';
import { Observable } from 'rxjs';
import { subscribeResuming } from './resuming.ts';

/** A link for subscriptions, in the place of GraphQLWsLink, whose streams resume. */
export function createResumingLink(client: Client): ApolloLink {
  return new ApolloLink(
    (operation) =>
      new Observable<ApolloLink.Result>((observer) =>
        subscribeResuming<Record<string, unknown>>(
          client,
          {
            query: print(operation.query),
            variables: operation.variables,
            ...(operation.operationName && { operationName: operation.operationName }),
          },
          {
            next: (result) => {
              observer.next(result as ApolloLink.Result);
            },
            error: (error) => {
              observer.error(error);
            },
            complete: () => {
              observer.complete();
            },
          },
        ),
      ),
  );
}
