// Proves: the server takes a document exactly when graphql-js does. Every rule of the specification has cases, and
// valid documents are changed at random. Where the server is known to differ, the case says how and why.
import assert from 'node:assert/strict';
import { check, end } from '../lib/checks.mjs';
import { cases } from './cases.mjs';
import { changed } from './changed.mjs';
import { shapes } from './shapes.mjs';
import { values } from './values.mjs';
import { expected, found, refusedBy, rules } from './verdicts.mjs';

const known = ['BAD_DOCUMENT', 'BAD_USER_INPUT', 'BAD_REQUEST', 'QUERY_TOO_EXPENSIVE'];
const short = (query) => JSON.stringify(query.replace(/\s+/g, ' ').slice(0, 110)).slice(1, -1);

async function agree(query, variables, operationName, difference) {
  const [theirs, ours] = [expected(query, variables, operationName), await found(query, variables, operationName)];
  assert.ok(!ours || known.includes(ours.code), ours?.text);
  const asked = `${JSON.stringify(query)}\n${JSON.stringify(variables)}`;
  const told = `graphql-js: ${theirs ?? 'valid'}\nserver: ${ours?.text ?? 'executed'}\n${asked}`;
  const wanted = difference ? !theirs : Boolean(theirs);
  assert.equal(Boolean(ours), wanted, told);
  if (difference) assert.equal(difference.startsWith('stricter: '), Boolean(ours), `not so: ${difference}\n${told}`);
  return theirs;
}

const all = { ...cases, ...values, ...shapes };
const table = [];
for (const [rule, documents] of Object.entries(all)) {
  const row = { rule, valid: 0, refused: 0, differs: 0 };
  for (const one of documents) {
    const [query, variables = {}, operationName, difference] = [one].flat();
    await check(`${rule}: ${short(query)} ${JSON.stringify(variables)} ${difference ?? ''}`, async () => {
      const refused = await agree(query, variables, operationName, difference);
      row[difference ? 'differs' : refused ? 'refused' : 'valid'] += 1;
    });
  }
  table.push(row);
}

const refusals = Object.values(all).flat().flatMap((one) => refusedBy([one].flat()[0]));
for (const { name } of rules) {
  await check(`${name} refuses two cases at least`, () => assert.ok(refusals.filter((it) => it === name).length >= 2));
}

const row = { rule: 'changed at random', valid: 0, refused: 0, differs: 0 };
for (const { query, variables, seed } of changed(600)) {
  await check(`change ${seed}: ${short(query)}`, async () => {
    row[(await agree(query, variables)) ? 'refused' : 'valid'] += 1;
  });
}
table.push(row);
await check('of the changed documents, some are valid and some are not', () => {
  assert.ok(row.valid > 50 && row.refused > 50, `${row.valid} valid, ${row.refused} refused`);
});

console.log('| rule | both take | both refuse | known difference |\n|---|---:|---:|---:|');
for (const { rule, valid, refused, differs } of table) console.log(`| ${rule} | ${valid} | ${refused} | ${differs} |`);
end();
