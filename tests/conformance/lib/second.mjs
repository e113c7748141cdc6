// A server of a suite's own, with other settings. It has the issuer of the first one, so that the tokens hold here too.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function startServer(settings) {
  const folder = mkdtempSync(join(tmpdir(), 'osh-map-'));
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('OSH_'));
  const env = {
    ...Object.fromEntries(others),
    OSH_HTTP_LISTEN: '127.0.0.1:0',
    OSH_DATABASE_URL: `sqlite://${folder}/map.sqlite`,
    OSH_AUTH_DEMO_KEY_FILE: process.env.OSH_AUTH_DEMO_KEY_FILE,
    OSH_DEMO_ENTERPRISES: '10',
    OSH_DEMO_WORKPLACES: '100',
    ...settings,
  };
  const child = spawn(process.env.OSH_BINARY, [], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((found, failed) => {
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
      const [, address] = /^OSH Map .* on (http:\S+)$/m.exec(said) ?? [];
      if (address) found(`${address}/graphql`);
    });
    child.on('error', failed);
    child.on('exit', (code) => failed(new Error(`the server ended with ${code} before it was ready: ${said}`)));
  });
  const stop = () => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, stop };
}
