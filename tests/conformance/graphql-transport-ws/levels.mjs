// Events to hear of: the level of a demo enterprise goes up and down.
import assert from 'node:assert/strict';

export const LEVELS = `subscription Levels($after: String) {
  enterpriseLevelChanged(after: $after) { cursor before after enterprise { name(language: EN) } }
}`;

const WORKPLACES = `{
  enterprises { nodes { name(language: EN) level workplaces(first: 50) { nodes { id degree workers version } } } }
}`;
const UPDATE = `mutation Update($input: WorkplaceUpdateInput!) {
  workplaceUpdate(input: $input) { workplace { enterprise { level } } userErrors { code message } }
}`;

/// Changes the level over HTTP, as another client does; gives what the event must say.
export async function flip(server) {
  const ask = async (query, variables) => {
    const { data, errors } = await server.ask('demo-employer_admin', query, variables);
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data;
  };
  const { enterprises } = await ask(WORKPLACES);
  const { name, level: before, workplaces } = enterprises.nodes.find((it) => it.name === 'Demo Construction LLP');
  const { id, version, workers } = workplaces.nodes.find(({ degree }) => degree === 4);
  const input = { id, version, workers: workers > 1000 ? 20 : 5000 };
  const { workplaceUpdate } = await ask(UPDATE, { input });
  assert.deepEqual(workplaceUpdate.userErrors, []);
  const after = workplaceUpdate.workplace.enterprise.level;
  assert.notEqual(before, after);
  return { before, after, enterprise: { name } };
}

/// Whether an answer tells of this change.
export function tells(answer, expected) {
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  const { cursor, ...event } = answer.data.enterpriseLevelChanged;
  // Apollo's cache and urql add the name of the type.
  const plain = JSON.parse(JSON.stringify(event, (key, value) => (key === '__typename' ? undefined : value)));
  assert.deepEqual(plain, expected);
  return cursor;
}
