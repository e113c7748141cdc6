// What is said while all goes well, message by message.
import assert from 'node:assert/strict';
import { check } from '../lib/checks.mjs';
import { flip, LEVELS, tells } from './levels.mjs';
import { greeted, dial } from './raw.mjs';

export async function speaking(server) {
  await check('ping is answered at any time, with its payload; a pong needs no answer', async () => {
    const raw = dial(server.ws);
    await raw.opened();
    raw.say({ type: 'ping', payload: { at: 1 } });
    assert.deepEqual(await raw.hear(), { type: 'pong', payload: { at: 1 } });
    raw.say({ type: 'pong' });
    raw.say({ type: 'connection_init' });
    assert.deepEqual(await raw.hear(), { type: 'connection_ack' });
    raw.say({ type: 'ping' });
    assert.deepEqual(await raw.hear(), { type: 'pong' });
    raw.close();
  });

  await check('a query: next, complete; its id is free again', async () => {
    const raw = await greeted(server.ws, server.headers('demo-inspector'));
    for (let time = 0; time < 2; time += 1) {
      raw.subscribe('q', '{ me { role } }');
      const { id, type, payload } = await raw.hear();
      assert.deepEqual([id, type, payload.data], ['q', 'next', { me: { role: 'INSPECTOR' } }]);
      assert.deepEqual(await raw.hear(), { id: 'q', type: 'complete' });
    }
    raw.close();
  });

  await check('a field that fails is part of next; a document that is refused is error, without complete', async () => {
    const raw = await greeted(server.ws, server.headers('demo-analyst'));
    raw.subscribe('1', '{ enterprise(by: {bin: "210240000397"}) { workplaces { nodes { code } } } }');
    const { type, payload } = await raw.hear();
    assert.deepEqual([type, payload.errors[0].extensions.code], ['next', 'FORBIDDEN']);
    assert.equal((await raw.hear()).type, 'complete');
    for (const [query, code] of [
      ['{', 'BAD_DOCUMENT'],
      ['{ nothing }', 'BAD_DOCUMENT'],
      ['mutation { __typename }', 'BAD_REQUEST'],
      ['subscription { a: enterpriseLevelChanged { cursor } b: enterpriseLevelChanged { cursor } }', 'BAD_DOCUMENT'],
      ['subscription { enterpriseLevelChanged(after: "x") { cursor } }', 'BAD_USER_INPUT'],
      ['subscription { assessmentStatusChanged { cursor } }', 'FORBIDDEN'],
    ]) {
      raw.subscribe('1', query);
      const error = await raw.hear();
      assert.deepEqual([error.id, error.type], ['1', 'error'], `${query}: ${JSON.stringify(error)}`);
      assert.deepEqual(error.payload.map(({ extensions }) => extensions.code), [code], query);
    }
    raw.say({ type: 'ping' });
    assert.equal((await raw.hear()).type, 'pong');
    raw.close();
  });

  await check('a mutation over the socket changes nothing', async () => {
    const raw = await greeted(server.ws, server.headers('demo-employer_admin'));
    const list = '{ enterprises { nodes { id version headcount } } }';
    const { data } = await server.ask('demo-employer_admin', list);
    const { id, version } = data.enterprises.nodes[0];
    const change = `mutation($input: EnterpriseUpdateInput!) {
      enterpriseUpdate(input: $input) { userErrors { code } }
    }`;
    raw.subscribe('1', change, { input: { id, version, headcount: 7 } });
    assert.equal((await raw.hear()).type, 'error');
    assert.deepEqual((await server.ask('demo-employer_admin', list)).data, data);
    raw.close();
  });

  await check('an event comes as next; complete ends it, and its id serves again', async () => {
    const raw = await greeted(server.ws, server.headers('demo-ministry'));
    const begun = async (id) => {
      raw.subscribe(id, LEVELS);
      // Answered behind it, by the same loop: from here on it hears.
      raw.say({ type: 'ping' });
      assert.deepEqual(await raw.hear(), { type: 'pong' });
    };
    await begun('ended');
    await begun('heard');
    raw.say({ type: 'complete', id: 'ended' });
    raw.say({ type: 'complete', id: 'never begun' });
    raw.say({ type: 'ping' });
    assert.deepEqual(await raw.hear(), { type: 'pong' });
    const first = await flip(server);
    const next = await raw.hear();
    assert.deepEqual([next.id, next.type], ['heard', 'next']);
    tells(next.payload, first);
    await begun('ended');
    const second = await flip(server);
    const both = [await raw.hear(), await raw.hear()];
    assert.deepEqual(both.map(({ id }) => id).sort(), ['ended', 'heard']);
    for (const { payload } of both) tells(payload, second);
    raw.close();
    assert.deepEqual(await raw.hear(), { closed: 1000, reason: '' });
  });

  await check('operations of one socket have a limit', async () => {
    const raw = await greeted(server.ws, server.headers('demo-ministry'));
    for (let id = 0; id < 6; id += 1) raw.subscribe(String(id), LEVELS);
    const error = await raw.hear();
    assert.deepEqual([error.id, error.type], ['5', 'error']);
    assert.deepEqual(error.payload.map(({ extensions }) => extensions.code), ['QUERY_TOO_EXPENSIVE']);
    raw.close();
  });

  await check('who takes nothing is let go, and the place is free again', async () => {
    const before = await server.metric('osh_realtime_open');
    const raw = await greeted(server.ws, server.headers('demo-ministry'));
    raw.socket.pause();
    const large = '{ __schema { types { name description fields { name description args { name description } } } } }';
    let id = 0;
    for (let waited = 0; (await server.metric('osh_realtime_open')) > before; waited += 1) {
      assert.ok(waited < 200, 'it is still there');
      // More and more, until the buffers of both ends are full.
      for (let more = 0; more < 5; more += 1) raw.subscribe(String(id += 1), large);
      await new Promise((done) => { setTimeout(done, 100); });
    }
    raw.socket.terminate();
  });
}
