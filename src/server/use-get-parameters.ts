import type { Plugin } from 'graphql-yoga';

/** Parameters of a GET that hold JSON. Yoga reads them without a look, and would fail as if by a bug. */
const JSON_PARAMETERS = ['variables', 'extensions'] as const;

/** Answers 400, with the name of the parameter, for a GET whose JSON cannot be read. */
export function useGetParameters(): Plugin {
  return {
    onRequest(payload) {
      const { request, url, fetchAPI } = payload;
      if (request.method !== 'GET') return;
      const field = JSON_PARAMETERS.find((name) => !isJson(url.searchParams.get(name)));
      if (field === undefined) return;
      const message = `The parameter "${field}" holds no JSON.`;
      const errors = [{ message, extensions: { code: 'BAD_USER_INPUT', field } }];
      payload.endResponse(fetchAPI.Response.json({ errors }, { status: 400 }));
    },
  };
}

function isJson(text: string | null): boolean {
  if (text === null || text === '') return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
