// Sends a message on each connection, and another when it has come back: node echo-load.mjs URL CONNECTIONS SECONDS
import { connect } from 'node:net';

const [url, connections, seconds] = process.argv.slice(2);
const { port, hostname } = new URL(url);
const message = Buffer.alloc(64, 'x');
let echoed = 0;
let ending = false;

for (let i = 0; i < Number(connections); i++) {
  const socket = connect(Number(port), hostname);
  let missing = message.length;
  socket.setNoDelay(true).on('connect', () => socket.write(message));
  socket.on('data', ({ length }) => {
    missing -= length;
    if (missing > 0) return;
    missing = message.length;
    echoed++;
    if (ending) socket.end();
    else socket.write(message);
  });
}
const begin = performance.now();
setTimeout(() => {
  process.send({ perSecond: (1000 * echoed) / (performance.now() - begin), count: echoed });
  ending = true;
}, 1000 * Number(seconds));
