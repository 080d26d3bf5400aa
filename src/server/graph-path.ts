/** Where the graph answers: over HTTP, and for those who open a socket. */
export const GRAPHQL_PATH = '/graphql';
