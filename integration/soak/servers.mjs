// The servers that the load talks to, in the same process: each is tasks that wait in synchronous calls.
import { createSocket } from 'node:dgram';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import aevent from 'aevent';
import { attempt, upTo } from './tally.mjs';

/** How a connection ends whose client was cancelled. */
const GONE = ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'];

/** Takes connections until the server is closed, each into a task. */
function accept(server, serve) {
  aevent.taskGroup((tasks) => {
    for (;;) {
      let socket;
      try {
        socket = server.acceptSync();
      } catch (error) {
        if (error.code === 'ERR_SERVER_NOT_RUNNING') return;
        throw error;
      }
      tasks.spawn(() =>
        attempt(
          'served',
          () => serve(socket),
          () => false,
        ),
      );
    }
  });
}

function echo(socket) {
  try {
    for (const chunk of socket) socket.writeSync(chunk);
    socket.endSync();
  } catch (error) {
    if (!GONE.includes(error.code)) throw error;
  } finally {
    socket.destroy();
  }
}

function answer(request, response) {
  const closed = new Promise((resolve) => response.once('close', resolve));
  if (request.url === '/never') {
    aevent.await_(closed); // which is when the client has gone
  } else if (request.url === '/break') {
    request.socket.destroy();
  } else {
    aevent.await_(delay(upTo(5)));
    response.end(request.url.slice(1).repeat(100));
  }
}

/** Answers each datagram until the socket is closed. */
function answerDatagrams(socket, reply) {
  try {
    for (;;) {
      const { data, rinfo } = socket.recvSync();
      const text = reply(data);
      if (text !== undefined) socket.sendSync(text, rinfo.port, rinfo.address);
    }
  } catch (error) {
    if (error.code !== 'ERR_SOCKET_DGRAM_NOT_RUNNING') throw error;
  }
}

// RFC 1035: 'never…' gets no answer, 'no…' is no name, any other is 127.0.0.1.
function resolve(query) {
  const end = query.indexOf(0, 12) + 5;
  const first = query.toString('latin1', 13, 13 + query[12]);
  if (first.startsWith('never')) return undefined;
  const found = !first.startsWith('no');
  const head = Buffer.from([
    query[0],
    query[1],
    0x81,
    found ? 0x80 : 0x83,
    0,
    1,
    0,
    found ? 1 : 0,
    0,
    0,
    0,
    0,
  ]);
  const record = found ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1] : [];
  return Buffer.concat([head, query.subarray(12, end), Buffer.from(record)]);
}

/** Starts them all; gives their ports, and a function that closes them and resolves when their tasks have ended. */
export async function startServers() {
  const tasks = [];
  const start = (fn, ...args) => tasks.push(aevent.call(fn, ...args));
  const tcp = createServer({ allowHalfOpen: true });
  const [udp, names] = [createSocket('udp4'), createSocket('udp4')];
  const web = await aevent.call(() => {
    tcp.listenSync(0, '127.0.0.1');
    udp.bindSync(0, '127.0.0.1');
    names.bindSync(0, '127.0.0.1');
    const server = createHttpServer((request, response) =>
      attempt(
        'answered',
        () => answer(request, response),
        () => false,
      ),
    );
    // Of a connection that is used again in a turn of the loop that takes long, as when a thousand tasks begin in it, the
    // server would think by the end of that turn that it has been idle for long enough, and close it; as in Node.
    server.keepAliveTimeout = 0;
    return server.listenSync(0, '127.0.0.1');
  });
  start(accept, tcp, echo);
  start(answerDatagrams, udp, (data) => data);
  start(answerDatagrams, names, resolve);
  const ports = Object.fromEntries(
    Object.entries({ tcp, udp, names, web }).map(([name, server]) => [name, server.address().port]),
  );
  const stop = async () => {
    const closed = [tcp, web].map((server) => new Promise((done) => server.close(done)));
    web.closeAllConnections();
    udp.close();
    names.close();
    await Promise.all([...closed, ...tasks]);
  };
  return { ports, stop };
}
