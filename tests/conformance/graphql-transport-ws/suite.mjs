// Proves: graphql-transport-ws as its specification and its reference client have it, and the same subscriptions over
// server-sent events: every close code, what the clients of others make of it, and that nothing is lost or told twice.
import { end } from '../lib/checks.mjs';
import { launch } from '../lib/launch.mjs';
import { clients } from './clients.mjs';
import { closing } from './closing.mjs';
import { events } from './events.mjs';
import { readme } from './readme.mjs';
import { speaking } from './speaking.mjs';

// Patience is short here, so that the suite is.
const settings = {
  OSH_REALTIME_INIT_TIMEOUT_SECONDS: '1',
  OSH_REALTIME_SEND_TIMEOUT_SECONDS: '1',
  OSH_REALTIME_SOCKETS_PER_PERSON: '3',
  OSH_REALTIME_OPERATIONS_PER_SOCKET: '5',
};
const one = await launch(settings);
const other = await launch(settings);
// Much of the time is waiting: what needs a server that stops waits beside the rest.
await Promise.all([
  (async () => {
    await closing(one);
    await speaking(one);
    await clients(one);
    await readme(one);
  })(),
  events(other),
]);
end();
