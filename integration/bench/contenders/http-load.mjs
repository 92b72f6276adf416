// Sends a request on each connection, and another when it is answered: node http-load.mjs URL CONNECTIONS SECONDS.
// The answers must be alike and fit into a packet. No more is looked at: a load that takes as much of the machine as the
// server hides what that takes.
import { connect } from 'node:net';

const [url, connections, seconds] = process.argv.slice(2);
const { host, port, hostname } = new URL(url);
const request = Buffer.from(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`);
const RAMP_UP_MS = 200;
let answered = 0;
let ending = false;
let length;

for (let i = 0; i < Number(connections); i++) {
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true).on('connect', () => socket.write(request));
  socket.on('data', (response) => {
    length ??= response.length;
    if (response.length !== length || response.latin1Slice(0, 12) !== 'HTTP/1.1 200')
      throw new Error(`${url} answered\n${response}`);
    answered++;
    if (ending) socket.end();
    else socket.write(request);
  });
}
// Never asleep: else it is the server that pays for waking it, the more often the slower the server is.
const stayAwake = () => ending || setImmediate(stayAwake);
stayAwake();
setTimeout(() => {
  const begin = performance.now();
  const before = answered;
  setTimeout(() => {
    process.send({
      perSecond: (1000 * (answered - before)) / (performance.now() - begin),
      count: answered,
    });
    ending = true;
  }, 1000 * Number(seconds));
}, RAMP_UP_MS);
