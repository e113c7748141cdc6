// Proves: the server speaks GraphQL over HTTP as the specification has it. The audits are those of the reference
// implementation, each as it is; "notice" and "warn" count as failures too.
import assert from 'node:assert/strict';
import { serverAudits } from 'graphql-http';
import { check, end } from '../lib/checks.mjs';
import { url } from '../lib/server.mjs';

const audits = serverAudits({ url, fetchFn: fetch });

await check('the list of audits is the one that was agreed on', () => assert.equal(audits.length, 61));
for (const audit of audits) {
  await check(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();
    assert.equal(result.status, 'ok', `${result.status}: ${result.reason}`);
  });
}
end();
