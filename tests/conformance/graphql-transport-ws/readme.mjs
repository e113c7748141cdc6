// What README.md shows of subscriptions, as it is written there: fences "js subscription" and "sh subscription".
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import WebSocket from 'ws';
import { check } from '../lib/checks.mjs';
import { inbox } from '../lib/inbox.mjs';
import { root } from '../lib/server.mjs';
import { flip, tells } from './levels.mjs';

function fence(info) {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const body = text.split(`\`\`\`${info}\n`)[1]?.split('\n```')[0];
  if (!body) throw new Error(`README.md has no fence ${info}`);
  return body;
}

/// Changes until one is told: neither says when it has begun to hear.
async function untilTold(server, said) {
  const changes = [];
  for (let told; changes.length < 50; ) {
    changes.push(await flip(server));
    const pause = new Promise((done) => { setTimeout(done, 200); });
    told ??= said.take();
    const answer = await Promise.race([told, pause]);
    const { before } = answer?.data?.enterpriseLevelChanged ?? {};
    if (answer) return tells(answer, changes.find((change) => change.before === before));
  }
  throw new Error('nothing was told');
}

export async function readme(server) {
  const { host } = new URL(server.url);
  const written = (info) => fence(info).replaceAll('127.0.0.1:8080', host);

  await check('README: the lines for a browser hear of a change', async () => {
    const said = inbox('README, WebSocket');
    const opened = [];
    class Kept extends WebSocket {
      constructor(...given) {
        super(...given);
        opened.push(this);
      }
    }
    const log = { log: ({ payload }) => said.put(payload) };
    new Function('WebSocket', 'TOKEN', 'console', written('js subscription'))(Kept, server.token('demo-ministry'), log);
    await untilTold(server, said);
    for (const socket of opened) socket.close();
  });

  await check('README: curl hears of a change', async () => {
    const said = inbox('README, curl');
    const environment = { ...process.env, TOKEN: server.token('demo-ministry') };
    const curl = spawn('bash', ['-c', `exec ${written('sh subscription')}`], { env: environment });
    createInterface({ input: curl.stdout }).on('line', (line) => {
      if (line.startsWith('data: ')) said.put(JSON.parse(line.slice(6)));
    });
    await untilTold(server, said);
    curl.kill();
  });
}
