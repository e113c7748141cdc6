// Proves: GraphQL Code Generator makes a TypeScript client from schema.graphql whose types are right under the
// strictest settings, and a program written with it goes through the README's walkthrough and a few changes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import { buildSchema, isScalarType, isSpecifiedScalarType, parse } from 'graphql';
import { check, end } from '../lib/checks.mjs';
import { ask, root, schemaText } from '../lib/server.mjs';
import { stepsOf } from './readme.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const operations = `${here}../operations`;
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const schema = buildSchema(schemaText);

const steps = stepsOf(readFileSync(`${root}/README.md`, 'utf8'));
const documents = [
  ...readdirSync(operations).map((name) => ({ location: name, text: readFileSync(`${operations}/${name}`, 'utf8') })),
  ...steps.map(({ name, text }) => ({ location: `${name} of README.md`, text })),
].map(({ location, text }) => ({ location, document: parse(text) }));

rmSync(`${here}generated`, { recursive: true, force: true });
mkdirSync(`${here}generated`, { recursive: true });

/// Our own scalars travel as strings; naming each makes an unknown one an error.
const scalars = Object.values(schema.getTypeMap())
  .filter((type) => isScalarType(type) && !isSpecifiedScalarType(type))
  .map(({ name }) => [name, 'string']);

await check('the README has steps to go through', () => assert.ok(steps.length >= 10, `${steps.length} steps`));

await check('the client is generated', async () => {
  const text = await codegen({
    schema: parse(schemaText),
    schemaAst: schema,
    documents,
    filename: 'generated/client.ts',
    config: {
      scalars: { ...Object.fromEntries(scalars), ID: 'string' },
      strictScalars: true,
      useTypeImports: true,
      enumsAsTypes: true,
      avoidOptionals: { field: true },
    },
    plugins: [{ typescript: {} }, { typescriptOperations: {} }, { typedDocumentNode: {} }],
    pluginMap: { typescript, typescriptOperations, typedDocumentNode },
  });
  writeFileSync(`${here}generated/client.ts`, text);
});

const compile = (config) => spawnSync(process.execPath, [tsc, '-p', config], { cwd: here, encoding: 'utf8' });

await check('client and program compile under strict settings', () => {
  const { status, stdout } = compile('tsconfig.json');
  assert.equal(status, 0, stdout);
});

await check('a field the document did not select is a type error', () => {
  const program = readFileSync(`${here}program.ts`, 'utf8');
  const wrong = program.replace('enterprise?.headcount', 'enterprise?.oked').replaceAll("'./generated/", "'./");
  writeFileSync(`${here}generated/wrong.ts`, wrong);
  const config = { extends: '../tsconfig.json', files: ['wrong.ts'], compilerOptions: { noEmit: true } };
  writeFileSync(`${here}generated/tsconfig.json`, JSON.stringify(config));
  const { status, stdout } = compile('generated/tsconfig.json');
  assert.notEqual(status, 0);
  assert.match(stdout, /'oked' does not exist/);
});

/// Whether everything that is expected is there; lists item by item. The same reading as tests/it/readme.rs.
function contains(found, expected) {
  if (Array.isArray(expected)) {
    return Array.isArray(found) && found.length === expected.length && expected.every((e, i) => contains(found[i], e));
  }
  if (expected === null || typeof expected !== 'object') return found === expected;
  if (found === null || typeof found !== 'object' || Array.isArray(found)) return false;
  return Object.entries(expected).every(([key, value]) => key in found && contains(found[key], value));
}

const program = await import(pathToFileURL(`${here}generated/built/program.js`)).catch(() => ({}));
const client = await import(pathToFileURL(`${here}generated/built/generated/client.js`)).catch(() => ({}));
const speaks = (person) => async (query, variables) => ask(person, query, variables);

for (const { name, role, expected } of steps) {
  await check(`README: ${name}`, async () => {
    const answer = await program.send(speaks(role), client[`${name}Document`], {});
    assert.ok(contains(answer, expected), JSON.stringify(answer, null, 2));
  });
}
for (const [name, body] of Object.entries(program.checks ?? {})) await check(name, () => body(speaks));
await check('the program has checks of its own', () => assert.ok(Object.keys(program.checks ?? {}).length >= 4));
end();
