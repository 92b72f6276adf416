// ws: text, binary, large and compressed messages, ping and pong, closing with a code, broadcasts.
import { once } from 'node:events';
import WebSocket, { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: 0, perMessageDeflate: { threshold: 100 } });
await once(server, 'listening');
server.on('connection', (socket, request) => {
  socket.send(`welcome to ${request.url}`);
  socket.on('message', (data, isBinary) => {
    if (String(data) === 'all') for (const client of server.clients) client.send('to all');
    else if (String(data) === 'bye') socket.close(4001, 'as you wish');
    else socket.send(data, { binary: isBinary });
  });
});
const url = `ws://127.0.0.1:${server.address().port}`;

function open(path) {
  const socket = new WebSocket(url + path);
  const got = [];
  const waiting = [];
  socket.on('message', (data, isBinary) => {
    const message = isBinary ? data : String(data);
    if (waiting.length > 0) waiting.shift()(message);
    else got.push(message);
  });
  const next = () => (got.length > 0 ? got.shift() : new Promise((resolve) => waiting.push(resolve)));
  return { socket, next };
}

const { socket, next } = open('/a');
console.log(await next());
for (let i = 0; i < 100; i++) socket.send(`message ${i}`);
const echoed = [];
for (let i = 0; i < 100; i++) echoed.push(await next());
console.log(echoed.join());
socket.send(Buffer.alloc(200_000, 'x'));
const large = await next();
console.log(
  Buffer.isBuffer(large),
  large.length,
  large.every((byte) => byte === 120),
);
socket.ping('are you there');
console.log('pong', String((await once(socket, 'pong'))[0]));
const others = [open('/b'), open('/c')];
console.log(await Promise.all(others.map((other) => other.next())));
socket.send('all');
console.log(await Promise.all([next(), ...others.map((other) => other.next())]));
socket.send('bye');
const [code, reason] = await once(socket, 'close');
console.log('closed', code, String(reason));
for (const other of others) other.socket.terminate();
const refused = new WebSocket(url.replace(/\d+$/, '1'));
console.log((await once(refused, 'error'))[0].code);
server.close(() => console.log('server closed'));
