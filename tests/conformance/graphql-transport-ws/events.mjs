// Events, each once and in their order, through the clients of others, whatever becomes of the connection.
import assert from 'node:assert/strict';
import { ApolloClient, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client, subscriptionExchange } from '@urql/core';
import { createClient as createSse } from 'graphql-sse';
import WebSocket from 'ws';
import { check } from '../lib/checks.mjs';
import { inbox } from '../lib/inbox.mjs';
import { connect, hears, listen } from './clients.mjs';
import { flip, LEVELS, tells } from './levels.mjs';
import { proxy } from './proxy.mjs';

// Apollo Client asks for the browser's, which Node.js has since version 22.
globalThis.WebSocket ??= WebSocket;

/// Variables that say where to go on: the clients write them anew whenever they come back.
function place() {
  const held = { cursor: undefined };
  return { held, variables: { get after() { return held.cursor; } } };
}

/// A gate before a client's return; opened when enough has happened meanwhile.
function gate() {
  let open;
  const opened = new Promise((resolve) => { open = resolve; });
  return { wait: () => opened, open };
}

/// Four events: one before the cut, two while the client is away, one after it has come back. All, once, in order.
async function goesOn(server, { said, held, cut, back }) {
  const hear = async (expected) => {
    held.cursor = tells(await said.take(), expected);
  };
  await hear(await flip(server));
  await cut();
  const missed = [await flip(server), await flip(server)];
  back();
  for (const expected of missed) await hear(expected);
  await hear(await flip(server));
  assert.deepEqual(said.left(), []);
}

function eventStream(url, server, person, more = {}) {
  const opened = inbox('event stream');
  const client = createSse({
    url,
    headers: () => server.headers(person),
    retryAttempts: 3,
    ...more,
    on: { connected: (again) => opened.put(again) },
  });
  return Object.assign(client, { opened });
}

/// The cursor of an event of this moment: whoever begins after it may take its time to begin.
async function newest(server) {
  const client = connect(server, 'demo-ministry');
  const said = await hears(client, LEVELS);
  const change = await flip(server);
  const cursor = tells(await said.take(), change);
  said.stop();
  await client.codes.take();
  return cursor;
}

async function overSockets(server) {
  await check('graphql-ws: the connection is cut, and nothing is lost or told twice', async () => {
    const [between, door, { held, variables }] = [await proxy(server.url), gate(), place()];
    const client = connect({ ...server, ws: between.ws }, 'demo-ministry', { retryWait: door.wait });
    const said = await hears(client, LEVELS, variables);
    const cut = async () => {
      between.cut();
      assert.equal(await client.codes.take(), 1006);
    };
    await goesOn(server, { said, held, cut, back: door.open });
    await client.dispose();
  });

  await check('graphql-ws: the token runs out (4403), and it goes on with a new one', async () => {
    const [door, { held, variables }] = [gate(), place()];
    let tokens = 0;
    const connectionParams = () => server.headers('demo-ministry', (tokens += 1) === 1 ? 3 : 600);
    const client = connect(server, 'demo-ministry', { connectionParams, retryWait: door.wait });
    const said = await hears(client, LEVELS, variables);
    const cut = async () => assert.equal(await client.codes.take(), 4403);
    await goesOn(server, { said, held, cut, back: door.open });
    await client.dispose();
  });

  await check('graphql-ws: the server stops (1001) and comes back, and it goes on', async () => {
    const [door, { held, variables }] = [gate(), place()];
    const client = connect(server, 'demo-ministry', { retryWait: door.wait });
    const said = await hears(client, LEVELS, variables);
    const cut = async () => {
      await server.stop();
      assert.equal(await client.codes.take(), 1001);
      await server.start();
    };
    await goesOn(server, { said, held, cut, back: door.open });
    await client.dispose();
  });

  await check('Apollo Client with GraphQLWsLink hears of a change', async () => {
    const variables = { after: await newest(server) };
    const socket = connect(server, 'demo-ministry');
    const apollo = new ApolloClient({ link: new GraphQLWsLink(socket), cache: new InMemoryCache() });
    const said = inbox('Apollo Client');
    const watching = apollo.subscribe({ query: gql(LEVELS), variables }).subscribe(said.put);
    const change = await flip(server);
    tells(await said.take(), change);
    watching.unsubscribe();
    assert.equal(await socket.codes.take(), 1000);
  });

  await check('urql with subscriptionExchange hears of a change', async () => {
    const variables = { after: await newest(server) };
    const socket = connect(server, 'demo-ministry');
    const forwardSubscription = ({ query, variables: given }) => ({
      subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables: given }, sink) }),
    });
    const urql = new Client({ url: server.url, exchanges: [subscriptionExchange({ forwardSubscription })] });
    const said = inbox('urql');
    const heard = ({ data, error }) => said.put({ data, errors: error });
    const watching = urql.subscription(LEVELS, variables).subscribe(heard);
    const change = await flip(server);
    tells(await said.take(), change);
    watching.unsubscribe();
    assert.equal(await socket.codes.take(), 1000);
  });
}

async function overStreams(server) {
  await check('graphql-sse: a query, a refusal, an event', async () => {
    const client = eventStream(server.url, server, 'demo-ministry');
    const query = listen(client, '{ me { role } }');
    assert.deepEqual((await query.take()).data, { me: { role: 'MINISTRY' } });
    assert.deepEqual(await query.take(), { complete: true });
    const malformed = 'subscription { assessmentStatusChanged(enterpriseId: "x") { cursor } }';
    const refused = await listen(client, malformed).take();
    assert.deepEqual(refused.errors.map(({ extensions }) => extensions.code), ['BAD_USER_INPUT']);
    for (let past = 0; past < 2; past += 1) await client.opened.take();
    const said = listen(client, LEVELS);
    await client.opened.take();
    const change = await flip(server);
    tells(await said.take(), change);
    client.dispose();
  });

  await check('graphql-sse: the connection is cut, and nothing is lost or told twice', async () => {
    const [between, door, { held, variables }] = [await proxy(server.url), gate(), place()];
    const client = eventStream(between.url, server, 'demo-ministry', { retry: door.wait });
    const said = listen(client, LEVELS, variables);
    await client.opened.take();
    await goesOn(server, { said, held, cut: async () => between.cut(), back: door.open });
    client.dispose();
  });

  await check('graphql-sse: the server stops and comes back, and it goes on', async () => {
    const [door, { held, variables }] = [gate(), place()];
    const client = eventStream(server.url, server, 'demo-ministry', { retry: door.wait });
    const said = listen(client, LEVELS, variables);
    await client.opened.take();
    const cut = async () => {
      await server.stop();
      await server.start();
    };
    await goesOn(server, { said, held, cut, back: door.open });
    client.dispose();
  });
}

export async function events(server) {
  await overSockets(server);
  await overStreams(server);
}
