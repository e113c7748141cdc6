// Stands between client and server, to break connections the way a network does: without a word.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/// A way to the server at `url` that can be cut.
export async function proxy(url) {
  const { hostname, port, pathname } = new URL(url);
  const sockets = new Set();
  const listener = createServer((near) => {
    const far = connect(port, hostname);
    for (const [from, to] of [[near, far], [far, near]]) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => {});
      from.on('close', () => to.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const here = `127.0.0.1:${listener.address().port}${pathname}`;
  return {
    url: `http://${here}`,
    ws: `ws://${here}`,
    /// Resets all connections; new ones are let through.
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
      sockets.clear();
    },
  };
}
