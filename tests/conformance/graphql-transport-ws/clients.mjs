// The client of graphql-ws: what it asks, when it opens and closes, and after which of our codes it comes back.
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { check } from '../lib/checks.mjs';
import { inbox } from '../lib/inbox.mjs';
import { flip, LEVELS, tells } from './levels.mjs';
import { greeted } from './raw.mjs';

/// A client that keeps count of its sockets. `more` are options of graphql-ws.
export function connect(server, person, more = {}) {
  const codes = inbox('close of the client');
  let opened = 0;
  const client = createClient({
    url: server.ws,
    webSocketImpl: WebSocket,
    connectionParams: () => server.headers(person),
    retryWait: () => Promise.resolve(),
    ...more,
    on: { opened: () => { opened += 1; }, closed: ({ code }) => codes.put(code) },
  });
  return Object.assign(client, { opened: () => opened, codes });
}

/// All that an operation says: answers, then `{ error }` or `{ complete: true }`.
export function listen(client, query, variables, more) {
  const said = inbox(query);
  const stop = client.subscribe({ query, variables, ...more }, {
    next: (answer) => said.put(answer),
    error: (error) => said.put({ error }),
    complete: () => said.put({ complete: true }),
  });
  return { ...said, stop };
}

/// A subscription that hears from now on: what is answered behind it was read behind it.
export async function hears(client, query, variables) {
  const said = listen(client, query, variables);
  const behind = listen(client, '{ __typename }');
  assert.equal((await behind.take()).data.__typename, 'Query');
  return said;
}

/// A socket whose outgoing messages are changed on their way.
const meddling = (change) => class extends WebSocket {
  send(text) {
    for (const message of change(JSON.parse(text))) super.send(JSON.stringify(message));
  }
};
const twice = (type) => (message) => (message.type === type ? [message, message] : [message]);
const instead = (type, other) => (message) => [message.type === type ? other : message];
class WithoutProtocol extends WebSocket {
  constructor(url) {
    super(url);
  }
}

const early = { id: 'x', type: 'subscribe', payload: { query: '{ __typename }' } };

// A client that is at fault must not try again for ever.
const fatal = [
  [4400, { webSocketImpl: meddling(instead('subscribe', { type: 'start' })) }],
  [4401, { webSocketImpl: meddling(instead('connection_init', early)) }],
  [4406, { webSocketImpl: WithoutProtocol }],
  [4409, { webSocketImpl: meddling(twice('subscribe')) }],
  [4429, { webSocketImpl: meddling(twice('connection_init')) }],
  [1009, {}, { extensions: { large: 'x'.repeat(70_000) } }],
];

export async function clients(server) {
  for (const [code, options, more] of fatal) {
    await check(`the client of graphql-ws gives up after ${code}`, async () => {
      const client = connect(server, 'demo-ministry', options);
      const { error } = await listen(client, LEVELS, undefined, more).take();
      assert.equal(error.code, code, String(error.message));
      assert.equal(client.opened(), 1);
    });
  }

  await check('it comes back after 4403 with another token', async () => {
    let tokens = 0;
    const connectionParams = () => server.headers('demo-inspector', (tokens += 1) === 1 ? -1 : 600);
    const client = connect(server, 'demo-inspector', { connectionParams });
    assert.equal((await listen(client, '{ me { role } }').take()).data.me.role, 'INSPECTOR');
    assert.deepEqual([await client.codes.take(), client.opened()], [4403, 2]);
    await client.dispose();
  });

  await check('it comes back after 4408, this time in time', async () => {
    let late = true;
    const connectionParams = async () => {
      while (late) await new Promise((done) => { setTimeout(done, 50); });
      return server.headers('demo-inspector');
    };
    const client = connect(server, 'demo-inspector', { connectionParams });
    const said = listen(client, '{ me { role } }');
    assert.equal(await client.codes.take(), 4408);
    late = false;
    assert.equal((await said.take()).data.me.role, 'INSPECTOR');
    await client.dispose();
  });

  await check('it comes back after 1013, and gets the place that has become free', async () => {
    const others = [];
    for (let open = 0; open < 3; open += 1) others.push(await greeted(server.ws, server.headers('demo-insurer')));
    const retryWait = async () => {
      others[0].close();
      await others[0].hear();
    };
    const client = connect(server, 'demo-insurer', { retryWait });
    assert.equal((await listen(client, '{ me { role } }').take()).data.me.role, 'INSURER');
    assert.deepEqual([await client.codes.take(), client.opened()], [1013, 2]);
    await client.dispose();
    for (const raw of others) raw.close();
  });

  await check('a query ends by itself; a mutation is refused with a code', async () => {
    const client = connect(server, 'demo-ministry');
    const query = listen(client, '{ me { role } }');
    const { data, extensions } = await query.take();
    assert.deepEqual([data, extensions.cost.actual], [{ me: { role: 'MINISTRY' } }, 2]);
    assert.deepEqual(await query.take(), { complete: true });
    const { error } = await listen(client, 'mutation { __typename }').take();
    assert.deepEqual(error.map(({ extensions }) => extensions.code), ['BAD_REQUEST']);
    await client.dispose();
  });

  await check('lazily: no socket before it is needed, one for all, none afterwards', async () => {
    const client = connect(server, 'demo-ministry');
    assert.equal(client.opened(), 0);
    const first = await hears(client, LEVELS);
    const second = await hears(client, LEVELS);
    const change = await flip(server);
    tells(await first.take(), change);
    tells(await second.take(), change);
    first.stop();
    second.stop();
    assert.deepEqual([await client.codes.take(), client.opened()], [1000, 1]);
    assert.deepEqual([...first.left(), ...second.left()].filter((said) => !said.complete), []);
  });
}
