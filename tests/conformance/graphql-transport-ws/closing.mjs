// Every code with which a socket is closed, by raw frames; and the reference server closes with the same one.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { check } from '../lib/checks.mjs';
import { dial, greeted } from './raw.mjs';

const subscribe = (more) => ({ id: '1', type: 'subscribe', payload: { query: '{ __typename }' }, ...more });
const asking = (more) => subscribe({ payload: { query: '{ __typename }', ...more } });

// What is no message of a client: 4400. `ours`: the reference takes it, or calls it a fault of its own (4500).
const malformed = [
  ['text that is not JSON', 'hello'],
  ['an empty message', ''],
  ['a list', '[]'],
  ['a number', '1'],
  ['a text', '"connection_init"'],
  ['null', 'null'],
  ['no type', '{}'],
  ['a type that is no text', { type: 1 }],
  ['a type that is unknown', { type: 'stop', id: '1' }],
  ['the old protocol', { type: 'start', id: '1', payload: { query: '{ __typename }' } }],
  ['connection_init with a payload that is no object', { type: 'connection_init', payload: 'token' }],
  ['connection_init with a list', { type: 'connection_init', payload: [] }],
  ['ping with a payload that is no object', { type: 'ping', payload: 1 }],
  ['pong with a payload that is no object', { type: 'pong', payload: 'x' }],
  ['subscribe without id', subscribe({ id: undefined })],
  ['subscribe with a number as id', subscribe({ id: 1 })],
  ['subscribe with an empty id', subscribe({ id: '' })],
  ['subscribe without payload', subscribe({ payload: undefined })],
  ['subscribe with a text as payload', subscribe({ payload: '{ __typename }' })],
  ['subscribe without query', asking({ query: undefined })],
  ['subscribe with a query that is no text', asking({ query: 1 })],
  ['subscribe with variables that are a list', asking({ variables: [] }), 'ours'],
  ['subscribe with variables that are a text', asking({ variables: '{}' })],
  ['subscribe with an operationName that is no text', asking({ operationName: 1 })],
  ['subscribe with extensions that are a text', asking({ extensions: 'x' })],
  ['complete without id', { type: 'complete' }],
  ['complete with an empty id', { type: 'complete', id: '' }],
  ['connection_ack', { type: 'connection_ack' }, 'ours'],
  ['next', { type: 'next', id: '1', payload: {} }, 'ours'],
  ['error', { type: 'error', id: '1', payload: [{ message: 'x' }] }, 'ours'],
  ['a binary frame', Buffer.from('{"type":"ping"}'), 'ours'],
];

/// The server of graphql-ws itself.
async function reference() {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  useServer({ schema: buildSchema('type Query { a: Int }'), connectionInitWaitTimeout: 200 }, server);
  await once(server, 'listening');
  return `ws://127.0.0.1:${server.address().port}`;
}

async function closes(raw, code, reason = /./) {
  const end = await raw.hear();
  assert.equal(end.closed, code, JSON.stringify(end));
  assert.match(end.reason, reason);
}

export async function closing(server) {
  const theirs = await reference();
  for (const [what, message, ours] of malformed) {
    await check(`4400: ${what}`, async () => {
      for (const url of ours ? [server.ws] : [server.ws, theirs]) {
        const raw = await greeted(url);
        if (Buffer.isBuffer(message)) raw.socket.send(message);
        else raw.say(message);
        await closes(raw, 4400);
      }
    });
  }

  await check('4401: subscribe before connection_ack', async () => {
    for (const url of [server.ws, theirs]) {
      const raw = dial(url);
      await raw.opened();
      raw.say(subscribe());
      await closes(raw, 4401, /^Unauthorized$/);
    }
  });

  const forged = `${server.token('demo-ministry').slice(0, -4)}AAAA`;
  for (const [what, payload] of [
    ['a forged token', { authorization: `Bearer ${forged}` }],
    ['a token that has run out', server.headers('demo-ministry', -1)],
    ['another scheme', { authorization: 'Basic Zm9vOmJhcg==' }],
    ['a token that is no text', { authorization: 1 }],
    ['a person nobody knows', server.headers('demo-nobody')],
    ['a membership of somebody else', { ...server.headers('demo-ministry'), 'X-Osh-Membership': 'x' }],
  ]) {
    await check(`4403: ${what}`, async () => {
      const raw = dial(server.ws);
      await raw.opened();
      raw.say({ type: 'connection_init', payload });
      await closes(raw, 4403, /^Forbidden$/);
    });
  }
  await check('4403: the token runs out while the socket is silent', async () => {
    const raw = await greeted(server.ws, server.headers('demo-ministry', 2));
    raw.subscribe('1', 'subscription { enterpriseLevelChanged { cursor } }');
    await closes(raw, 4403, /^Forbidden$/);
  });

  await check('4406: another subprotocol, and none', async () => {
    for (const url of [server.ws, theirs]) {
      await closes(dial(url, { protocols: [] }), 4406);
      // As a header only: the client would itself refuse an answer without the one it asked for.
      await closes(dial(url, { protocols: [], headers: { 'Sec-WebSocket-Protocol': 'graphql-ws' } }), 4406);
    }
  });

  await check('4408: no connection_init in time', async () => {
    for (const url of [server.ws, theirs]) {
      const raw = dial(url);
      await raw.opened();
      raw.say({ type: 'ping' });
      assert.equal((await raw.hear()).type, 'pong');
      await closes(raw, 4408, /timeout/);
    }
  });

  await check('4409: an id that is in use', async () => {
    const raw = await greeted(server.ws, server.headers('demo-ministry'));
    const query = 'subscription { enterpriseLevelChanged { cursor } }';
    raw.subscribe('same', query);
    raw.subscribe('same', query);
    await closes(raw, 4409, /^Subscriber for same already exists$/);
  });

  await check('4429: a second connection_init, before the acknowledgement and after it', async () => {
    for (const url of [server.ws, theirs]) {
      const raw = await greeted(url);
      raw.say({ type: 'connection_init' });
      await closes(raw, 4429, /^Too many initialisation requests$/);
    }
    const raw = dial(server.ws);
    await raw.opened();
    raw.say({ type: 'connection_init' });
    raw.say({ type: 'connection_init' });
    assert.equal((await raw.hear()).type, 'connection_ack');
    await closes(raw, 4429);
  });

  await check('1009: a message above the limit', async () => {
    const raw = await greeted(server.ws);
    raw.say({ type: 'ping', payload: { large: 'x'.repeat(70_000) } });
    await closes(raw, 1009);
  });

  await check('1013: one person has too many sockets, until one of them is closed', async () => {
    const sockets = [];
    for (let open = 0; open < 3; open += 1) sockets.push(await greeted(server.ws, server.headers('demo-analyst')));
    const further = dial(server.ws);
    await further.opened();
    further.say({ type: 'connection_init', payload: server.headers('demo-analyst') });
    await closes(further, 1013, /Too many sockets/);
    const other = await greeted(server.ws, server.headers('demo-insurer'));
    sockets[0].close();
    assert.equal((await sockets[0].hear()).closed, 1000);
    const again = await greeted(server.ws, server.headers('demo-analyst'));
    for (const raw of [...sockets.slice(1), other, again]) raw.close();
  });

  await check('a page of another origin opens nothing; ours does', async () => {
    assert.deepEqual(await dial(server.ws, { headers: { origin: 'https://evil.example' } }).hear(), { refused: 403 });
    const raw = dial(server.ws, { headers: { origin: server.url.replace('/graphql', '') } });
    await raw.opened();
    raw.close();
  });
}
