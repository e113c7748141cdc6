// Proves: example operations fit schema.graphql, what the server serves is exactly schema.graphql, and the program
// that compares would see a breaking change.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { diff, CriticalityLevel, validate } from '@graphql-inspector/core';
import {
  Kind, Source, buildASTSchema, buildClientSchema, buildSchema, getIntrospectionQuery, parse, printSchema, visit,
} from 'graphql';
import { check, end } from '../lib/checks.mjs';
import { ask, schemaText } from '../lib/server.mjs';

const folder = new URL('../operations/', import.meta.url);
const committed = buildSchema(schemaText);
const told = (changes) => changes.map(({ message }) => message).join('\n');

const sources = readdirSync(folder).map((name) => new Source(readFileSync(new URL(name, folder), 'utf8'), name));

await check('example operations are valid, and none uses a deprecated field', () => {
  const invalid = validate(committed, sources);
  assert.deepEqual(invalid.map(({ source, errors, deprecated }) => [source.name, errors, deprecated].join(' ')), []);
});

await check('a field that does not exist is noticed', () => {
  const [invalid] = validate(committed, [new Source('query Wrong { serviceConfig { nothing } }', 'wrong.graphql')]);
  assert.match(String(invalid?.errors[0]), /nothing/);
});

await check('the served schema is schema.graphql', async () => {
  const { data, errors } = await ask('anonymous', getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }));
  assert.equal(errors, undefined);
  // Printed and read once more: only then does the comparison find @oneOf where introspection says isOneOf.
  const served = buildSchema(printSchema(buildClientSchema(data)));
  assert.equal(told(await diff(committed, served)), '');
});

// The schema with one definition changed; `change` gets "Type.field" or "Type.field.argument", null removes.
function changedAt(place, change) {
  let seen = 0;
  const named = (nodes) => nodes.filter((node) => node.name && !Array.isArray(node)).map((node) => node.name.value);
  const document = visit(parse(schemaText), {
    enter(node, _key, _parent, _path, ancestors) {
      if (!node.name || [...named(ancestors), node.name.value].join('.') !== place) return undefined;
      seen += 1;
      return change(node);
    },
  });
  assert.equal(seen, 1, `the schema no longer has ${place}: choose another place`);
  return buildASTSchema(document);
}

for (const [what, place, change] of [
  ['a removed field', 'Query.serviceConfig', () => null],
  ['a removed enum value', 'ConditionClass.CLASS_4', () => null],
  ['a field that becomes nullable', 'Query.serviceConfig', (node) => ({ ...node, type: node.type.type })],
  [
    'an argument that becomes required',
    'Query.ruleSet.code',
    (node) => ({ ...node, type: { kind: Kind.NON_NULL_TYPE, type: node.type } }),
  ],
]) {
  await check(`${what} is seen as breaking`, async () => {
    const levels = (await diff(committed, changedAt(place, change))).map(({ criticality }) => criticality.level);
    assert.ok(levels.includes(CriticalityLevel.Breaking), `seen: ${levels}`);
  });
}
end();
