/// <reference lib="dom" />

/*
 * What pages run. Each function goes to the browser as text: it sees its argument and nothing else.
 */

export interface Call {
  readonly url: string;
  readonly query: string;
}

/** The answer's text, or `blocked` when the browser kept it back. */
export async function callWithCookies({ url, query }: Call): Promise<string> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      credentials: 'include',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return await response.text();
  } catch {
    return 'blocked';
  }
}

/** As a page sends what no server is asked about first; what comes back is hidden from it. */
export async function callBlindly({ url, query }: Call): Promise<string> {
  const read: string[] = [];
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
    const body = type === 'text/plain' ? JSON.stringify({ query }) : new URLSearchParams({ query });
    const response = await fetch(url, {
      ...{ method: 'POST', mode: 'no-cors', credentials: 'include' },
      headers: { 'content-type': type },
      body,
    }).catch(() => undefined);
    read.push((await response?.text().catch(() => '')) ?? '');
  }
  const get = `${url}?query=${encodeURIComponent(query)}`;
  const options = { mode: 'no-cors', credentials: 'include' } as const;
  const response = await fetch(get, options).catch(() => undefined);
  read.push((await response?.text().catch(() => '')) ?? '');
  return read.join('');
}

/** Sends a form into a frame of the page, in each way that forms have. Answers what it can read there. */
export async function sendForms({ url, query }: Call): Promise<string> {
  for (const enctype of [
    'application/x-www-form-urlencoded',
    'text/plain',
    'multipart/form-data',
  ]) {
    const form = document.createElement('form');
    Object.assign(form, { action: url, method: 'POST', enctype, target: 'hidden' });
    const field = document.createElement('input');
    Object.assign(field, { name: 'query', value: query });
    form.append(field);
    document.body.append(form);
    form.submit();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  try {
    return document.querySelector('iframe')?.contentDocument?.body.textContent ?? '';
  } catch {
    return '';
  }
}

/** Loads a GET as a script and as a picture. Answers what that defined or showed. */
export async function embed({ url, query }: Call): Promise<string> {
  const address = `${url}?query=${encodeURIComponent(query)}`;
  const outcomes: string[] = [];
  for (const name of ['script', 'img', 'iframe'] as const) {
    const element = document.createElement(name);
    element.src = address;
    const outcome = new Promise<string>((resolve) => {
      element.addEventListener('load', () => {
        resolve(name === 'iframe' ? '' : `${name} loaded`);
      });
      element.addEventListener('error', () => {
        resolve('');
      });
      setTimeout(() => {
        resolve('');
      }, 1_000);
    });
    document.body.append(element);
    outcomes.push(await outcome);
  }
  return outcomes.join('');
}

/** Asks over a socket; `closed` when there is none. */
export function callBySocket({ url, query }: Call): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
    socket.addEventListener('close', () => {
      resolve('closed');
    });
    socket.addEventListener('open', () => {
      socket.send(JSON.stringify({ type: 'connection_init' }));
    });
    socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
      if (data.includes('connection_ack')) {
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
      } else {
        resolve(data);
        socket.close();
      }
    });
  });
}

/** The first event of an event stream by GET; `closed` when the browser gives none. */
export function callByEventSource({ url, query }: Call): Promise<string> {
  return new Promise((resolve) => {
    const address = `${url}?query=${encodeURIComponent(query)}`;
    const source = new EventSource(address, { withCredentials: true });
    const end = (text: string) => {
      source.close();
      resolve(text);
    };
    source.addEventListener('next', ({ data }) => {
      end(String(data));
    });
    source.addEventListener('error', () => {
      end('closed');
    });
  });
}
