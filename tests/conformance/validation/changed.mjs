// Valid documents with random changes: always the same ones, so that a failure can be repeated.
import { Kind, parse, print, visit } from 'graphql';

const documents = [
  [`query A($first: Int = 2, $filter: EnterpriseFilter, $order: EnterpriseOrder! = NAME, $yes: Boolean!) {
      enterprises(first: $first, filter: $filter, order: $order) { totalCount ...C edges { cursor node { ...E } } }
      me @include(if: $yes) { id } }
    fragment C on EnterpriseConnection { pageInfo { hasNextPage endCursor } nodes { x: bin level } }
    fragment E on Enterprise { name(language: RU) ... on Node { id } workplaces(first: 1) { nodes { code degree } } }`,
  { first: 1, filter: { search: 'abc', levels: ['A', 'B'] }, order: 'RISK', yes: true }],
  [`query B($id: ID!, $ids: [ID!]!) { node(id: $id) { __typename id ...W ... on Enterprise { x: name level } }
      nodes(ids: $ids) { ... @skip(if: false) { id } } }
    fragment W on Workplace { x: code workers unit { x: code } enterprise { ... on Enterprise { bin } } }`,
  { id: 'x', ids: ['y'] }],
  [`mutation C($input: MeasurementRecordInput!, $version: Int!) { measurementRecord(input: $input) {
      measurement { id observation { ... on MeasuredValue { value unit } ... on ProtocolClass { conditionClass } } }
      userErrors { code field } }
      enterpriseUpdate(input: {id: "x", version: $version, secondaryOkeds: ["01", "02"], headcount: 5}) {
        userErrors { message } } }`,
  { input: { workplaceId: 'x', factorCode: 'N', laboratory: 'l', measuredOn: '2026-01-01', protocolNumber: '1',
    observation: { value: { value: '1', unit: 'dBA' } } }, version: 1 }],
  [`{ enterprise(by: {bin: "210240000397"}) { name tariff(asOf: "2026-01-01") { riskClass premium(months: 2,
      payroll: [{workers: 1, monthlyPay: "5"}]) { amount } } } referenceRows(kind: ACTIVITY, first: 1) { nodes { code
      } }
      ruleSet { code } __type(name: "Query") { fields(includeDeprecated: true) { name args { name } } } }`, {}],
];

function mulberry(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const names = ['id', 'name', 'x', 'nodes', 'totalCount', 'level', 'first', 'filter', 'search', 'A', 'B', 'E', 'W', 'C',
  'Enterprise', 'Workplace', 'Node', 'Query', 'ID', 'Int', 'String', 'include', 'skip', 'if', 'unheard'];
const literals = [
  { kind: Kind.NULL }, { kind: Kind.INT, value: '7' }, { kind: Kind.INT, value: '2147483648' },
  { kind: Kind.FLOAT, value: '1.5' }, { kind: Kind.STRING, value: 'text' }, { kind: Kind.BOOLEAN, value: true },
  { kind: Kind.ENUM, value: 'NAME' }, { kind: Kind.LIST, values: [] }, { kind: Kind.OBJECT, fields: [] },
  { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: 'first' } },
  { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: 'id' } },
];
const isValue = ({ kind }) => kind.endsWith('Value') || kind === Kind.VARIABLE;
const lists = ['selections', 'arguments', 'directives', 'variableDefinitions', 'fields', 'values', 'definitions'];

/// Applies `change` to the node that a depth-first walk meets as number `at` of those that fit.
function at(document, fits, place, change) {
  let met = 0;
  return visit(document, { enter: (node) => (fits(node) && met++ === place ? change(node) : undefined) });
}

function all(document, fits) {
  const found = [];
  visit(document, { enter: (node) => void (fits(node) && found.push(node)) });
  return found;
}

/// Of a list somewhere inside: one entry removed, doubled, or put in from a like list elsewhere.
function relist(document, random) {
  const list = lists[random(lists.length)];
  const fits = (node) => Array.isArray(node[list]) && node[list].length > 0;
  const holders = all(document, fits);
  if (!holders.length) return document;
  const place = random(holders.length);
  const donor = holders[random(holders.length)][list];
  const way = random(3);
  return at(document, fits, place, (node) => {
    const entries = [...node[list]];
    const index = random(entries.length);
    if (way === 0) entries.splice(index, 1);
    else entries.splice(index, 0, way === 1 ? entries[index] : donor[random(donor.length)]);
    return { ...node, [list]: entries };
  });
}

function replace(document, random, fits, made) {
  const found = all(document, fits);
  return found.length ? at(document, fits, random(found.length), made) : document;
}

const ways = [
  relist,
  relist,
  (document, random) =>
    replace(document, random, ({ kind }) => kind === Kind.NAME,
      (node) => ({ ...node, value: names[random(names.length)] })),
  (document, random) => replace(document, random, isValue, () => literals[random(literals.length)]),
  (document, random) => replace(document, random, ({ kind }) => kind === Kind.NAMED_TYPE || kind === Kind.LIST_TYPE,
    (type) => (random(2) ? { kind: Kind.LIST_TYPE, type } : { kind: Kind.NON_NULL_TYPE, type })),
  (document, random) => replace(document, random, ({ kind }) => kind === Kind.NON_NULL_TYPE, ({ type }) => type),
  (document, random) => replace(document, random, ({ kind }) => kind === Kind.FIELD,
    (node) => ({ ...node, alias: { kind: Kind.NAME, value: names[random(6)] } })),
];

/// `count` documents, each with one to three changes.
export function* changed(count) {
  for (let seed = 1; seed <= count; seed += 1) {
    const random = mulberry(seed);
    const [text, variables] = documents[random(documents.length)];
    let document = parse(text, { noLocation: true });
    for (let left = 1 + random(3); left > 0; left -= 1) document = ways[random(ways.length)](document, random);
    let query = print(document);
    // And now and then one character less, which the other parser must judge alike.
    if (random(8) === 0) {
      const cut = random(query.length);
      query = query.slice(0, cut) + query.slice(cut + 1);
    }
    yield { query, variables, seed };
  }
}
