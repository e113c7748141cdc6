// The walkthrough of README.md: a fence "graphql role=…" is a document, the fence "json" after it what must come.
export function stepsOf(text) {
  const fences = [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(([, info, body]) => ({ info: info.trim(), body }));
  const steps = [];
  fences.forEach(({ info, body }, index) => {
    const role = /^graphql role=(.+)$/.exec(info)?.[1];
    if (!role) return;
    const answer = fences[index + 1];
    if (answer?.info !== 'json') throw new Error(`no json fence follows this document:\n${body}`);
    // A typed client needs a name for each document; those of the README have none.
    const who = role.replace(/^demo-/, '').replace(/(^|[_-])(\w)/g, (_all, _dash, letter) => letter.toUpperCase());
    const name = `Readme${steps.length + 1}${who}`;
    const kind = /^\s*mutation\b/.test(body) ? 'mutation' : 'query';
    steps.push({ name, role, text: body.replace(/^\s*(mutation\s*)?\{/, `${kind} ${name} {`), expected: JSON.parse(answer.body) });
  });
  return steps;
}
