// Proves: schema.graphql keeps the recommended rules of schemas and those of Relay, and the operations that clients
// are shown keep the recommended rules of operations. One check per rule.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { buildSchema, isObjectType } from 'graphql';
import graphql from '@graphql-eslint/eslint-plugin';
import { check, end } from '../lib/checks.mjs';
import { schemaPath, schemaText } from '../lib/server.mjs';

const rulesOf = (name) => graphql.configs[name].rules;
const operations = fileURLToPath(new URL('../operations', import.meta.url));

const schemaRules = {
  ...rulesOf('flat/schema-recommended'),
  ...rulesOf('flat/schema-relay'),
  // `nodes` beside `edges` is a list without edges, on purpose: docs/conventions.md.
  '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false }],
  // The rule asks every object for an `id`. Values that live inside another object (a trace step, a count, a rule of
  // a rule set) have none. The last check asks the same of those that have one: they are Nodes.
  '@graphql-eslint/strict-id-in-types': 'off',
};

// What a rule gets wrong about this schema; each must still be found, or it goes from this list.
const mistaken = {
  // A prefix by its letters only: a membership is not a "me".
  '@graphql-eslint/no-typename-prefix': [/Field "memberships" starts with the name of the parent type "Me"/],
};

async function violations(rules, files) {
  const eslint = new ESLint({
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ['**/*.graphql'],
        plugins: { '@graphql-eslint': graphql },
        languageOptions: {
          parser: graphql.parser,
          parserOptions: { graphQLConfig: { schema: schemaPath, documents: `${operations}/*.graphql` } },
        },
        rules,
      },
    ],
  });
  const found = new Map(Object.keys(rules).map((rule) => [rule, []]));
  for (const [filePath, text] of files) {
    const [result] = await eslint.lintText(text, { filePath });
    assert.ok(result, `${filePath} was not looked at`);
    for (const { ruleId, line, message } of result.messages) {
      found.set(ruleId ?? 'parser', [...(found.get(ruleId ?? 'parser') ?? []), `${filePath}:${line} ${message}`]);
    }
  }
  return found;
}

async function report(what, rules, files) {
  for (const [rule, messages] of await violations(rules, files)) {
    if (rules[rule] === 'off') continue;
    const excused = mistaken[rule] ?? [];
    const left = messages.filter((message) => !excused.some((pattern) => pattern.test(message)));
    await check(`${what} ${rule}`, () => {
      assert.equal(left.length, 0, `${left.length} violations\n${left.slice(0, 40).join('\n')}`);
      assert.equal(messages.length, excused.length, 'an exception in this file is no longer needed');
    });
  }
}

const paths = readdirSync(operations).map((name) => `${operations}/${name}`);
const documents = paths.map((path) => [path, readFileSync(path, 'utf8')]);
await report('schema', schemaRules, [['schema.graphql', schemaText]]);
await report('operations', rulesOf('flat/operations-recommended'), documents);
await check('the rules do look: a type without a description and an anonymous query are refused', async () => {
  const bad = await violations(schemaRules, [['schema.graphql', `${schemaText}\ntype Undescribed { id: ID! }`]]);
  assert.ok(bad.get('@graphql-eslint/require-description').some((text) => text.includes('Undescribed')));
  const nameless = [['bad.graphql', '{ ruleSets { code } }']];
  const anonymous = await violations(rulesOf('flat/operations-recommended'), nameless);
  assert.equal(anonymous.get('@graphql-eslint/no-anonymous-operations').length, 1);
});
// Persons and memberships have ids but cannot be looked up: docs/conventions.md.
const notYetNodes = ['Me', 'Membership'];
await check('an object with an id is a Node', () => {
  const objects = Object.values(buildSchema(schemaText).getTypeMap()).filter((type) => isObjectType(type));
  const withId = objects.filter((type) => type.getFields().id);
  const strays = withId.filter((type) => !type.getInterfaces().some(({ name }) => name === 'Node'));
  assert.deepEqual(strays.map(({ name }) => name).sort(), notYetNodes);
});
end();
