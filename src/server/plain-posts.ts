import type { IncomingMessage, ServerResponse } from 'node:http';
import { createPlainRequest, isPlainPost, readBody } from './plain-request.ts';

/** Yoga, as far as it is asked here. */
interface Yoga {
  (request: IncomingMessage, response: ServerResponse): Promise<void> | void;
  readonly handleRequest: (
    request: Request,
    context: { readonly req: IncomingMessage; readonly res: ServerResponse },
  ) => Promise<Response> | Response;
}

export type AnswerRequest = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Answers requests through Yoga. What nearly all of them are, a POST of JSON that has one answer, goes
 * past its model of HTTP as streams of the web, which costs several times what Yoga itself does: the
 * body is read at once, and the answer's text is written at once. All plugins see it as any other.
 * Whatever is odd about a request is Yoga's to judge, with the body that was read.
 */
export function createPlainPosts(yoga: Yoga, bodyBytesMax: number): AnswerRequest {
  // Each look at a property of Yoga binds its function anew.
  const { handleRequest } = yoga;
  return async (request, response) => {
    if (!isPlainPost(request, bodyBytesMax)) {
      await yoga(request, response);
      return;
    }
    const text = await readBody(request);
    // Whoever sent it is gone.
    if (text === undefined) return;
    const plain = createPlainRequest(request, text);
    if (!plain) {
      await yoga(Object.assign(request, { body: text }), response);
      return;
    }
    const answer = await handleRequest(plain, { req: request, res: response });
    send(response, answer, await answer.text());
  };
}

function send(response: ServerResponse, { status, statusText, headers }: Response, body: string) {
  if (response.destroyed || response.writableEnded) return;
  // In pairs, one after another: a cookie may be set beside another one.
  const lines: string[] = [];
  headers.forEach((value, name) => void lines.push(name, value));
  response.writeHead(status, statusText, lines);
  response.end(body);
}
