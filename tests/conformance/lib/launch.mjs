// A server of a suite's own, for what the shared one must not suffer: other settings, signals, its end and its return.
import { createHash, createPrivateKey, createPublicKey, sign as signed } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const binary = process.env.OSH_MAP ?? fail('OSH_MAP is not set: start the suites by tests/conformance/run');

function fail(sentence) {
  throw new Error(sentence);
}

/// A port that is free now: the same address must be there again after the server's return.
async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/// Starts the server with the smallest demo data. `settings` are environment variables.
export async function launch(settings) {
  const directory = mkdtempSync(join(tmpdir(), 'osh-map-'));
  const keyFile = join(directory, 'issuer.key');
  const port = await freePort();
  const server = { url: `http://127.0.0.1:${port}/graphql`, ws: `ws://127.0.0.1:${port}/graphql` };
  const environment = {
    PATH: process.env.PATH,
    OSH_HTTP_LISTEN: `127.0.0.1:${port}`,
    OSH_DATABASE_URL: `sqlite://${join(directory, 'map.sqlite')}`,
    OSH_AUTH_DEMO_KEY_FILE: keyFile,
    OSH_AUTH_LEEWAY_SECONDS: '0',
    OSH_TELEMETRY_LOG: 'warn',
    OSH_DEMO_ENTERPRISES: '2',
    OSH_DEMO_WORKPLACES: '40',
    ...settings,
  };
  let child;
  process.on('exit', () => {
    child?.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });

  server.start = async () => {
    child = spawn(binary, { cwd: directory, env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const greeted = new Promise((resolve, reject) => {
      lines.on('line', (line) => line.startsWith('OSH Map ') && resolve());
      lines.on('close', () => reject(new Error('the server ended before it listened')));
    });
    await greeted;
  };
  server.stop = async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  };

  /// A token of the demo issuer for a person, as `osh-map token` makes it, but of any length of life.
  server.token = (person, seconds = 600) => {
    const der = Buffer.from(readFileSync(keyFile, 'utf8').trim(), 'base64');
    // The public key stands in the file behind the private one; 32 bytes of seed make the key here.
    const seed = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), der.subarray(16, 48)]);
    const key = createPrivateKey({ key: seed, format: 'der', type: 'pkcs8' });
    const open = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
    const kid = createHash('sha256').update(open).digest('hex').slice(0, 16);
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: 'osh-map-demo', aud: 'osh-map', sub: person, iat: now, nbf: now, exp: now + seconds };
    const coded = [{ alg: 'EdDSA', typ: 'at+jwt', kid }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'));
    return [...coded, signed(null, Buffer.from(coded.join('.')), key).toString('base64url')].join('.');
  };
  server.headers = (person, seconds) => ({ authorization: `Bearer ${server.token(person, seconds)}` });
  server.ask = async (person, query, variables = {}) => {
    const headers = { 'content-type': 'application/json', ...server.headers(person) };
    const answer = await fetch(server.url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    return answer.json();
  };
  /// A number of `/metrics`.
  server.metric = async (name) => {
    const text = await (await fetch(server.url.replace('/graphql', '/metrics'))).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
  };

  await server.start();
  return server;
}
