// A client that says what it is told to: for what a real one would never say.
import { once } from 'node:events';
import WebSocket from 'ws';
import { inbox } from '../lib/inbox.mjs';

export const PROTOCOL = 'graphql-transport-ws';

/// A socket; `hear` gives the messages and at last `{ closed, reason }`, or `{ refused }` when it was not opened.
export function dial(url, { protocols = [PROTOCOL], headers = {} } = {}) {
  const socket = new WebSocket(url, protocols, { headers });
  const heard = inbox('raw socket');
  socket.on('message', (data) => heard.put(JSON.parse(data)));
  socket.on('close', (closed, reason) => heard.put({ closed, reason: String(reason) }));
  socket.on('unexpected-response', (_request, response) => heard.put({ refused: response.statusCode }));
  // What becomes of it is heard by the other two.
  socket.on('error', () => {});
  const raw = {
    socket,
    hear: heard.take,
    left: heard.left,
    opened: () => once(socket, 'open'),
    say: (message) => socket.send(typeof message === 'object' ? JSON.stringify(message) : message),
    subscribe: (id, query, variables) => raw.say({ id, type: 'subscribe', payload: { query, variables } }),
    close: () => socket.close(1000),
  };
  return raw;
}

/// A socket that has been acknowledged.
export async function greeted(url, payload) {
  const raw = dial(url);
  await raw.opened();
  raw.say({ type: 'connection_init', payload });
  const ack = await raw.hear();
  if (ack.type !== 'connection_ack') throw new Error(`no acknowledgement: ${JSON.stringify(ack)}`);
  return raw;
}
