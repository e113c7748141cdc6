// The server under test and the contract, as `run` hands them to every suite: OSH_URL, OSH_TOKENS, OSH_SCHEMA.
// OSH_BINARY is for a second server; see second.mjs.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const needed = (name) => process.env[name] ?? fail(`${name} is not set: start the suites by tests/conformance/run`);
const fail = (sentence) => {
  throw new Error(sentence);
};

export const root = resolve(fileURLToPath(import.meta.url), '../../../..');
export const url = needed('OSH_URL');
export const schemaPath = needed('OSH_SCHEMA');
export const schemaText = readFileSync(schemaPath, 'utf8');

const tokens = JSON.parse(readFileSync(needed('OSH_TOKENS'), 'utf8'));

/// Header of a demo person, such as `demo-inspector`; nothing for `anonymous`.
export function authorization(person) {
  if (person === 'anonymous') return {};
  return { authorization: `Bearer ${tokens[person] ?? fail(`there is no demo person ${person}`)}` };
}

/// The answer to one document, as JSON. No client library: for preparing and for looking behind a client's back.
export async function ask(person, query, variables = {}) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization(person) },
    body: JSON.stringify({ query, variables }),
  });
  return answer.json();
}
