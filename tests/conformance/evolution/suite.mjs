// Proves: schema.graphql may follow the last released contract, and the gate that says so refuses what it must.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { check, end } from '../lib/checks.mjs';
import { root, schemaText, url } from '../lib/server.mjs';
import { ACCEPTED, BEFORE, REFUSED, section, TODAY } from './cases.mjs';
import { fingerprint, refusals } from './gate.mjs';

const folder = join(root, 'docs/releases');
const releases = Object.fromEntries(readdirSync(folder).filter((name) => name.endsWith('.graphql'))
  .map((name) => [name.replace(/\.graphql$/, ''), readFileSync(join(folder, name), 'utf8')]));
const changes = readFileSync(join(root, 'docs/schema-changes.md'), 'utf8');

await check('schema.graphql may follow the last release', async () => {
  const today = new Date().toISOString().slice(0, 10);
  assert.equal((await refusals({ releases, current: schemaText, changes, today })).join('\n'), '');
});

await check('every answer names the contract', async () => {
  for (const address of [url, new URL('/nowhere', url)]) {
    const { headers } = await fetch(address);
    assert.equal(headers.get('x-osh-schema'), fingerprint(schemaText));
    assert.match(headers.get('x-osh-version'), /^\d+\.\d+\.\d+$/);
  }
});

function changed(replacements) {
  return replacements.reduce((text, [from, to]) => {
    assert.equal(text.split(from).length, 2, `the schema of the cases has not once: ${from}`);
    return text.replace(from, to);
  }, BEFORE);
}

const judge = (replacements, lines, more) => refusals({
  releases: { '1.0.0': BEFORE }, current: changed(replacements), changes: section(lines), today: TODAY, ...more,
});

for (const [what, replacements, lines = [], more = {}] of ACCEPTED) {
  await check(`accepted: ${what}`, async () => assert.deepEqual(await judge(replacements, lines, more), []));
}

for (const [what, replacements, expected, lines = [], more = {}] of REFUSED) {
  await check(`refused: ${what}`, async () => {
    const found = await judge(replacements, lines, more);
    assert.equal(found.length, expected.length, found.join('\n'));
    expected.forEach((part, index) => assert.ok(found[index].includes(part), found[index]));
  });
}

// The line that the refusal shows is the one that is accepted, once the reason is written.
await check('the line to add is the line that helps', async () => {
  const [said] = await judge([['size: Int!', 'size: Int']], []);
  const line = said.split('\n')[1];
  assert.equal((await judge([['size: Int!', 'size: Int']], [line])).length, 1);
  assert.deepEqual(await judge([['size: Int!', 'size: Int']], [line.replace(/<.*>/, 'unknown for some')]), []);
});
end();
