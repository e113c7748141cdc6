// Proves: Apollo Client works with the schema as it comes: one record per global id, pages that join without doubles,
// changes that show in every list, fragments on interfaces, errors by their code, persisted queries by GET.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql,
} from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { relayStylePagination } from '@apollo/client/utilities';
import { check, end } from '../lib/checks.mjs';
import { ask, authorization, url } from '../lib/server.mjs';

/// Which types an interface or union has, asked of the server, as Apollo's manual says.
async function possibleTypes() {
  const { data } = await ask('anonymous', '{ __schema { types { name possibleTypes { name } } } }');
  const abstract = data.__schema.types.filter((type) => type.possibleTypes);
  return Object.fromEntries(abstract.map((type) => [type.name, type.possibleTypes.map(({ name }) => name)]));
}

const types = await possibleTypes();
function client(person) {
  let requests = 0;
  const counting = new ApolloLink((operation, forward) => {
    requests += 1;
    return forward(operation);
  });
  const cache = new InMemoryCache({
    possibleTypes: types,
    typePolicies: { Query: { fields: { enterprises: relayStylePagination(['order', 'filter']) } } },
  });
  const http = new HttpLink({ uri: url, headers: authorization(person) });
  const made = new ApolloClient({ cache, link: counting.concat(http) });
  return Object.assign(made, { requests: () => requests });
}

const LIST = gql`
  query List($first: Int!, $after: String) {
    enterprises(first: $first, after: $after) {
      totalCount
      edges { cursor node { id name(language: EN) headcount version } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`;
const OBJECT = gql`
  query Object($id: ID!) { node(id: $id) { id ... on Enterprise { bin headcount } } }
`;
const UPDATE = gql`
  mutation Update($input: EnterpriseUpdateInput!) {
    enterpriseUpdate(input: $input) { enterprise { id headcount version } userErrors { code field message } }
  }
`;

/// A list loaded to its end: what the cache holds of it, and what somebody who watches it was shown last.
async function whole(apollo, first) {
  const held = () => apollo.cache.readQuery({ query: LIST, variables: { first } }).enterprises;
  const list = apollo.watchQuery({ query: LIST, variables: { first } });
  let shown;
  const watching = list.subscribe(({ data }) => {
    shown = data?.enterprises;
  });
  await apollo.query({ query: LIST, variables: { first } });
  for (let page = 0; held().pageInfo.hasNextPage && page < 20; page += 1) {
    await list.fetchMore({ variables: { after: held().pageInfo.endCursor } });
  }
  // Watchers are told a moment after the cache knows.
  const settled = () => new Promise((done) => { setTimeout(done, 50); });
  const rows = async () => {
    await settled();
    return shown.edges.map(({ node }) => node);
  };
  return { rows, total: held().totalCount, stop: () => watching.unsubscribe() };
}

await check('pages join into the whole list, each enterprise once', async () => {
  const apollo = client('demo-ministry');
  const list = await whole(apollo, 25);
  const ids = (await list.rows()).map(({ id }) => id);
  assert.ok(ids.length > 50, `${ids.length} rows`);
  assert.equal(ids.length, list.total);
  assert.equal(new Set(ids).size, ids.length);
  const records = Object.keys(apollo.cache.extract()).filter((key) => key.startsWith('Enterprise:'));
  assert.equal(records.length, ids.length);
  list.stop();
});

await check('an object read by node(id) is the record of the list', async () => {
  const apollo = client('demo-employer_admin');
  const list = await whole(apollo, 1);
  const [{ id, name }] = await list.rows();
  const { data } = await apollo.query({ query: OBJECT, variables: { id } });
  assert.equal(data.node.__typename, 'Enterprise');
  assert.match(data.node.bin, /^\d{12}$/);
  const record = apollo.cache.extract()[`Enterprise:${id}`];
  assert.equal(record.bin, data.node.bin);
  assert.equal(record['name({"language":"EN"})'], name);
  const before = apollo.requests();
  await apollo.query({ query: OBJECT, variables: { id } });
  assert.equal(apollo.requests(), before, 'answered from the cache');
  list.stop();
});

await check('the answer of a mutation shows in the list without asking again', async () => {
  const apollo = client('demo-employer_admin');
  const list = await whole(apollo, 1);
  const { id, version, headcount } = (await list.rows())[1];
  const before = apollo.requests();
  const input = { id, version, headcount: headcount + 1 };
  const { data } = await apollo.mutate({ mutation: UPDATE, variables: { input } });
  assert.deepEqual(data.enterpriseUpdate.userErrors, []);
  assert.equal(apollo.requests(), before + 1);
  assert.equal((await list.rows())[1].headcount, headcount + 1);
  assert.notEqual((await list.rows())[1].version, version);
  list.stop();
});

await check('user errors are data, and nothing changes', async () => {
  const apollo = client('demo-employer_admin');
  const list = await whole(apollo, 1);
  const { id, headcount } = (await list.rows())[1];
  const input = { id, version: 999999, headcount: headcount + 1 };
  const { data } = await apollo.mutate({ mutation: UPDATE, variables: { input } });
  assert.equal(data.enterpriseUpdate.enterprise, null);
  assert.deepEqual(data.enterpriseUpdate.userErrors.map(({ code }) => code), ['CONFLICT']);
  assert.equal((await list.rows())[1].headcount, headcount);
  list.stop();
});

/// A client that sends hashes, and what it sent and was told.
function hashing(person) {
  const sent = [];
  const recorded = async (address, options) => {
    const answer = await fetch(address, options);
    const text = (options.body ?? new URL(address).searchParams.get('query') ?? '').includes('query Persisted');
    sent.push({ method: options.method, text, address, answer });
    return answer;
  };
  const persisted = new PersistedQueryLink({
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    useGETForHashedQueries: true,
  });
  const http = new HttpLink({ uri: url, fetch: recorded, headers: authorization(person) });
  const made = new ApolloClient({ cache: new InMemoryCache({ possibleTypes: types }), link: persisted.concat(http) });
  return Object.assign(made, { sent });
}

await check('a persisted query goes by GET, with its text only the first time', async () => {
  const query = gql`query PersistedByApollo { map { regions { kato name } } }`;
  const first = hashing('anonymous');
  const told = await first.query({ query });
  assert.deepEqual(first.sent.map(({ method, text }) => [method, text]), [['GET', false], ['POST', true]]);
  const second = hashing('anonymous');
  const again = await second.query({ query });
  assert.deepEqual(again.data, told.data);
  assert.deepEqual(second.sent.map(({ method, text }) => [method, text]), [['GET', false]]);
  const [{ address, answer }] = second.sent;
  assert.equal(answer.headers.get('cache-control'), 'public, max-age=60');
  const headers = { accept: answer.headers.get('content-type'), 'if-none-match': answer.headers.get('etag') };
  assert.equal((await fetch(address, { headers })).status, 304);
  const person = hashing('demo-ministry');
  await person.query({ query });
  assert.deepEqual(person.sent.map(({ answer: { headers: of } }) => of.get('cache-control')), ['private, no-cache']);
});

await check('a persisted mutation is sent by POST', async () => {
  const apollo = hashing('demo-employer_admin');
  const { data } = await apollo.mutate({ mutation: UPDATE, variables: { input: { id: 'none', version: 1 } } });
  assert.ok(data.enterpriseUpdate.userErrors.length > 0);
  assert.ok(apollo.sent.every(({ method }) => method === 'POST'));
});

await check('an error of the request arrives with its code', async () => {
  const refused = await client('anonymous')
    .query({ query: LIST, variables: { first: 1000 } })
    .then(() => null, (error) => error);
  assert.ok(CombinedGraphQLErrors.is(refused), String(refused));
  assert.ok(refused.errors.every(({ extensions }) => extensions.code && extensions.requestId));
});
end();
