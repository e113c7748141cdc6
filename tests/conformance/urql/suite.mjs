// Proves: urql with the normalised Graphcache, which knows the schema by introspection, works with it as it comes, and so
// do persisted queries by GET.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Client, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { persistedExchange } from '@urql/exchange-persisted';
import { getIntrospectionQuery } from 'graphql';
import { check, end } from '../lib/checks.mjs';
import { ask, authorization, url } from '../lib/server.mjs';

const { data: schema } = await ask('anonymous', getIntrospectionQuery());
// What lives inside another object has no key of its own.
const withoutId = schema.__schema.types
  .filter(({ kind, name }) => kind === 'OBJECT' && !name.startsWith('__'))
  .filter(({ fields }) => !fields.some(({ name }) => name === 'id'))
  .map(({ name }) => [name, () => null]);

function client(person) {
  const warnings = [];
  let requests = 0;
  const cache = cacheExchange({
    schema,
    keys: Object.fromEntries(withoutId),
    resolvers: { Query: { enterprises: relayPagination() } },
    logger: (severity, message) => warnings.push(`${severity}: ${message}`),
  });
  const counted = (...input) => {
    requests += 1;
    return fetch(...input);
  };
  const made = new Client({
    url,
    exchanges: [cache, fetchExchange],
    fetch: counted,
    fetchOptions: { headers: authorization(person) },
    preferGetMethod: false,
  });
  return Object.assign(made, { requests: () => requests, warnings });
}

const LIST = `
  query List($first: Int!, $after: String) {
    enterprises(first: $first, after: $after) {
      totalCount
      edges { cursor node { id name(language: EN) headcount version } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`;
const OBJECT = 'query Object($id: ID!) { node(id: $id) { id ... on Enterprise { bin headcount } } }';
const UPDATE = `
  mutation Update($input: EnterpriseUpdateInput!) {
    enterpriseUpdate(input: $input) { enterprise { id headcount version } userErrors { code field message } }
  }
`;

async function page(urql, variables, requestPolicy) {
  const { data, error } = await urql.query(LIST, variables, { requestPolicy }).toPromise();
  assert.equal(error, undefined);
  return data.enterprises;
}

/// The list as the cache gives it once all pages are in.
async function whole(urql, first) {
  let list = await page(urql, { first });
  for (let pages = 1; list.pageInfo.hasNextPage && pages < 20; pages += 1) {
    list = await page(urql, { first, after: list.pageInfo.endCursor });
  }
  return list;
}

await check('pages join into the whole list, each enterprise once', async () => {
  const urql = client('demo-ministry');
  const list = await whole(urql, 25);
  const ids = list.edges.map(({ node }) => node.id);
  assert.ok(ids.length > 50, `${ids.length} rows`);
  assert.equal(ids.length, list.totalCount);
  assert.equal(new Set(ids).size, ids.length);
  assert.deepEqual(urql.warnings, []);
});

await check('an object read by node(id) is the record of the list', async () => {
  const urql = client('demo-employer_admin');
  const { edges } = await whole(urql, 1);
  const { id, headcount, version } = edges[0].node;
  // Somebody else changes it; reading the one object must bring the change into the list.
  const other = await ask('demo-employer_admin', UPDATE, { input: { id, version, headcount: headcount + 1 } });
  assert.deepEqual(other.data.enterpriseUpdate.userErrors, []);
  const { data } = await urql.query(OBJECT, { id }, { requestPolicy: 'network-only' }).toPromise();
  assert.match(data.node.bin, /^\d{12}$/);
  const again = await page(urql, { first: 1 }, 'cache-only');
  assert.equal(again.edges[0].node.headcount, headcount + 1);
});

await check('the answer of a mutation shows in the list without asking again', async () => {
  const urql = client('demo-employer_admin');
  const { edges } = await whole(urql, 1);
  const { id, version, headcount } = edges[1].node;
  const before = urql.requests();
  const { data } = await urql.mutation(UPDATE, { input: { id, version, headcount: headcount + 1 } }).toPromise();
  assert.deepEqual(data.enterpriseUpdate.userErrors, []);
  const again = await page(urql, { first: 1 }, 'cache-only');
  assert.equal(urql.requests(), before + 1);
  assert.equal(again.edges[1].node.headcount, headcount + 1);
});

/// A client that sends hashes, and what it sent and was told.
function hashing(person) {
  const sent = [];
  const recorded = async (address, options) => {
    const answer = await fetch(address, options);
    const text = options.method === 'GET' ? new URL(address).searchParams.get('query') : JSON.parse(options.body).query;
    sent.push({ method: options.method, text: Boolean(text), cache: answer.headers.get('cache-control') });
    return answer;
  };
  const persisted = persistedExchange({
    preferGetForPersistedQueries: true,
    enableForMutation: true,
    generateHash: async (text) => createHash('sha256').update(text).digest('hex'),
  });
  const made = new Client({
    url, exchanges: [persisted, fetchExchange], fetch: recorded, fetchOptions: { headers: authorization(person) },
  });
  return Object.assign(made, { sent });
}

await check('a persisted query goes by GET, with its text only the first time', async () => {
  const query = 'query PersistedByUrql { map { regions { kato name } } }';
  const first = hashing('anonymous');
  const told = await first.query(query, {}).toPromise();
  assert.equal(told.error, undefined);
  assert.deepEqual(first.sent.map(({ method, text }) => [method, text]), [['GET', false], ['GET', true]]);
  const second = hashing('anonymous');
  const again = await second.query(query, {}).toPromise();
  assert.deepEqual(again.data, told.data);
  assert.deepEqual(second.sent, [{ method: 'GET', text: false, cache: 'public, max-age=60' }]);
  const person = hashing('demo-ministry');
  await person.query(query, {}).toPromise();
  assert.deepEqual(person.sent, [{ method: 'GET', text: false, cache: 'private, no-cache' }]);
});

await check('a persisted mutation is sent by POST', async () => {
  const urql = hashing('demo-employer_admin');
  const { data } = await urql.mutation(UPDATE, { input: { id: 'none', version: 1 } }).toPromise();
  assert.ok(data.enterpriseUpdate.userErrors.length > 0);
  assert.ok(urql.sent.every(({ method }) => method === 'POST'));
});

await check('an error of the request arrives with its code', async () => {
  const { error } = await client('anonymous').query(LIST, { first: 1000 }).toPromise();
  assert.ok(error?.graphQLErrors.length > 0, String(error));
  assert.ok(error.graphQLErrors.every(({ extensions }) => extensions.code && extensions.requestId));
});
end();
