// Proves: Relay's compiler takes schema.graphql and an app with fragments, @connection and @refetchable, and its
// runtime, with the compiled artifacts, walks pages, loads one object again by node(id) and stores a change. The
// compiler's list of persisted documents is what a server runs that runs nothing else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { check, end } from '../lib/checks.mjs';
import { startServer } from '../lib/second.mjs';
import { ask, authorization, schemaPath } from '../lib/server.mjs';

const require = createRequire(import.meta.url);
const here = fileURLToPath(new URL('.', import.meta.url));
// Not by .bin: another package puts an old compiler of the same name there.
const compiler = require.resolve('relay-compiler/cli.js');
const compile = (cwd) => spawnSync(process.execPath, [compiler, 'relay.config.json'], { cwd, encoding: 'utf8' });

// The compiler reads only below the folder of its configuration.
rmSync(`${here}generated`, { recursive: true, force: true });
mkdirSync(`${here}generated/artifacts`, { recursive: true });
copyFileSync(schemaPath, `${here}generated/schema.graphql`);

await check('the app compiles', () => {
  const { status, stdout, stderr } = compile(here);
  assert.equal(status, 0, stdout + stderr);
});

await check('a field that the schema does not have is refused', () => {
  const wrong = `${here}generated/wrong`;
  mkdirSync(`${wrong}/app`, { recursive: true });
  copyFileSync(schemaPath, `${wrong}/schema.graphql`);
  const source = readFileSync(`${here}app/EnterprisesPage.js`, 'utf8').replace('headcount', 'headcounts');
  writeFileSync(`${wrong}/app/EnterprisesPage.js`, source);
  const config = { src: './app', schema: './schema.graphql', language: 'javascript' };
  writeFileSync(`${wrong}/relay.config.json`, JSON.stringify(config));
  const { status, stdout, stderr } = compile(wrong);
  assert.notEqual(status, 0);
  assert.match(stdout + stderr, /headcounts/);
});

const {
  ConnectionHandler, Environment, Network, RecordSource, Store, commitMutation, createOperationDescriptor, fetchQuery,
  getSingularSelector,
} = require('relay-runtime');
const artifact = (name) => require(`${here}generated/artifacts/${name}.graphql`);
const environment = (person) =>
  new Environment({
    network: Network.create(({ text }, variables) => ask(person, text, variables)),
    store: new Store(new RecordSource()),
  });

/// All nodes that the list holds in the store, in its order.
function listed(app) {
  const ids = [];
  app.commitUpdate((store) => {
    const list = ConnectionHandler.getConnection(store.getRoot(), 'EnterprisesPage_enterprises', { order: 'NAME' })
      ?? ConnectionHandler.getConnection(store.getRoot(), 'EnterprisesPage_enterprises');
    ids.push(...list.getLinkedRecords('edges').map((edge) => edge.getLinkedRecord('node').getDataID()));
  });
  return ids;
}

/// The first page by the query, the others by the query the compiler made for loading more.
async function walk(app, count) {
  const query = artifact('EnterprisesPageQuery');
  app.retain(createOperationDescriptor(query, { count, cursor: null }));
  await fetchQuery(app, query, { count }).toPromise();
  for (let pages = 1; pages < 20; pages += 1) {
    let info;
    app.commitUpdate((store) => {
      const list = ConnectionHandler.getConnection(store.getRoot(), 'EnterprisesPage_enterprises', { order: 'NAME' })
        ?? ConnectionHandler.getConnection(store.getRoot(), 'EnterprisesPage_enterprises');
      const page = list.getLinkedRecord('pageInfo');
      info = { more: page.getValue('hasNextPage'), cursor: page.getValue('endCursor') };
    });
    if (!info.more) return pages;
    const more = { count, cursor: info.cursor };
    await fetchQuery(app, artifact('EnterprisesPageMoreQuery'), more).toPromise();
  }
  throw new Error('the list does not end');
}

await check('pages join into the whole list, each enterprise once', async () => {
  const app = environment('demo-ministry');
  const pages = await walk(app, 25);
  const ids = listed(app);
  const { data } = await ask('demo-ministry', '{ enterprises { totalCount } }');
  assert.ok(pages > 2, `${pages} pages`);
  assert.equal(ids.length, data.enterprises.totalCount);
  assert.equal(new Set(ids).size, ids.length);
});

const rowOf = (app, id) => app.lookup(getSingularSelector(artifact('EnterprisesPageRow'), {
  __id: id, __fragments: { EnterprisesPageRow: {} }, __fragmentOwner: createOperationDescriptor(
    artifact('EnterprisesPageRowQuery'), { id }).request,
})).data;

await check('one enterprise loads again by node(id) into the same record', async () => {
  const app = environment('demo-employer_admin');
  await walk(app, 1);
  const ids = listed(app);
  assert.equal(ids.length, 2);
  app.commitUpdate((store) => store.get(ids[0]).setValue(-1, 'headcount'));
  assert.equal(rowOf(app, ids[0]).headcount, -1);
  await fetchQuery(app, artifact('EnterprisesPageRowQuery'), { id: ids[0] }).toPromise();
  assert.ok(rowOf(app, ids[0]).headcount > 0);
});

await check('the answer of a mutation changes the record of the list', async () => {
  const app = environment('demo-employer_admin');
  await walk(app, 1);
  const [id] = listed(app);
  const { headcount, version } = rowOf(app, id);
  const answer = await new Promise((onCompleted, onError) => {
    const variables = { input: { id, version, headcount: headcount + 1 } };
    commitMutation(app, { mutation: artifact('EnterprisesPageHeadcountMutation'), variables, onCompleted, onError });
  });
  assert.deepEqual(answer.enterpriseUpdate.userErrors, []);
  assert.equal(rowOf(app, id).headcount, headcount + 1);
  assert.notEqual(rowOf(app, id).version, version);
});

await check('its persisted documents run by their ids where nothing else does', async () => {
  const folder = `${here}generated/persisted`;
  for (const name of ['app', 'artifacts', 'lists']) mkdirSync(`${folder}/${name}`, { recursive: true });
  copyFileSync(schemaPath, `${folder}/schema.graphql`);
  copyFileSync(`${here}app/EnterprisesPage.js`, `${folder}/app/EnterprisesPage.js`);
  const config = {
    src: './app',
    schema: './schema.graphql',
    language: 'javascript',
    eagerEsModules: false,
    artifactDirectory: './artifacts',
    persistConfig: { file: './lists/page.json', algorithm: 'SHA256' },
  };
  // The compiler adds to a list that is there.
  writeFileSync(`${folder}/lists/page.json`, '{}');
  writeFileSync(`${folder}/relay.config.json`, JSON.stringify(config));
  const { status, stdout, stderr } = compile(folder);
  assert.equal(status, 0, stdout + stderr);
  const { params } = require(`${folder}/artifacts/EnterprisesPageQuery.graphql`);
  assert.equal(params.text, null);
  const server = await startServer({
    OSH_DOCUMENTS_TRUSTED: 'only',
    OSH_DOCUMENTS_TRUSTED_FOLDER: `${folder}/lists`,
    OSH_GRAPHQL_GRAPHIQL: 'false',
  });
  try {
    const send = async (body, headers) => {
      const json = { 'content-type': 'application/json', ...authorization('demo-ministry'), ...headers };
      const answer = await fetch(server.url, { method: 'POST', headers: json, body: JSON.stringify(body) });
      return answer.json();
    };
    const document = { documentId: params.id, variables: { count: 2 } };
    const { data, errors } = await send(document, { 'x-osh-client': 'page' });
    assert.equal(errors, undefined);
    assert.equal(data.enterprises.edges.length, 2);
    for (const [body, headers] of [[document, {}], [{ query: '{ ruleSets { code } }' }, { 'x-osh-client': 'page' }]]) {
      const refused = await send(body, headers);
      assert.equal(refused.errors[0].extensions.code, 'DOCUMENT_NOT_TRUSTED');
    }
  } finally {
    server.stop();
  }
});
end();
