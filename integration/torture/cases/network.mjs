// Callbacks of net, http, http2 and dgram, over real sockets.
import dgram from 'node:dgram';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { Duplex } from 'node:stream';
import { inTask } from 'aevent/lowlevel';
import { stop as pause, viaLoop, wait } from '../rig.mjs';

/** Gives the port of a server that is made by `make` once, and serves all tasks. */
function listening(make) {
  let port;
  return () => {
    port ??= new Promise((resolve) => {
      const server = make();
      server.listen(0, '127.0.0.1', () => resolve(server.address().port));
      server.unref();
    });
    return wait(port);
  };
}

let httpServer;
const httpPort = listening(() => {
  // Entered by the parser, from the event loop: of nobody's task, so the rig's own opts it in.
  httpServer = http.createServer((request, response) => onRequest(request, response));
  return httpServer;
});
let onRequest;
const netPort = listening(() => net.createServer((socket) => socket.pipe(socket)));
const http2Port = listening(() => http2.createServer().on('stream', (stream) => stream.end('answer')));

/** A server’s side of a connection that has no socket: the parser is called by push(). */
function connection() {
  const sent = [];
  const duplex = new Duplex({
    read() {},
    write(chunk, _, done) {
      sent.push(String(chunk));
      done();
    },
  });
  return { duplex, sent };
}

export default [
  {
    name: 'http: request handler of a server, and response handlers of a client',
    run(stop, id) {
      const port = httpPort();
      // The handler runs in the context of a task, on a carrier of its own.
      onRequest ??= inTask((request, response) => {
        pause(0);
        response.setHeader('x', 'y');
        response.end(pause(`answer to ${request.url}`));
      });
      const agent = new http.Agent();
      const status = viaLoop(
        (callback, reject) => {
          http.get({ port, path: `/${id}`, agent }, callback).on('error', reject);
        },
        (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (text) => {
            body += text;
          });
          wait(new Promise((resolve) => response.on('end', resolve)));
          return [stop(response.statusCode), body];
        },
      );
      agent.destroy();
      return status;
    },
    expected: (id) => [200, `answer to /${id}`],
  },
  {
    name: 'http: checkContinue, upgrade and informational handlers',
    run(stop, id) {
      const server = http.createServer();
      const upgraded = inTask((_, socket) => {
        socket.end(stop('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'));
      });
      server.on('upgrade', upgraded);
      wait(new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)));
      const { port } = server.address();
      const code = viaLoop(
        (callback, reject) => {
          http
            .get({ port, headers: { Connection: 'Upgrade', Upgrade: 'x' } })
            .on('upgrade', callback)
            .on('error', reject);
        },
        (response, socket) => {
          const { statusCode } = response;
          socket.destroy();
          return stop(statusCode);
        },
      );
      server.close();
      return [code, id];
    },
    expected: (id) => [101, id],
  },
  {
    name: 'http parser that a task itself feeds, its handlers below it',
    run(stop, id) {
      let ended = 0;
      let bothSeen;
      const both = new Promise((resolve) => {
        bothSeen = resolve;
      });
      const seen = [];
      const server = http.createServer((request, response) => {
        seen.push(stop(request.url));
        response.end(stop('ok'));
        if (++ended === 2) bothSeen();
      });
      const { duplex, sent } = connection();
      server.emit('connection', duplex);
      // As its own read() would, but in this task: the parser, and its handlers, are on this stack.
      for (const path of ['a', 'b']) {
        duplex.emit('data', Buffer.from(`GET /${path}${id} HTTP/1.1\r\nHost: x\r\n\r\n`));
      }
      wait(both); // handlers are entered in place: emit() may be back before they have ended
      // The second response is sent after the first one has ended: in a tick.
      return [seen.sort(), sent.join('').startsWith('HTTP/1.1 200')];
    },
    expected: (id) => [[`/a${id}`, `/b${id}`], true],
  },
  {
    name: 'http client over a connection that a task makes (createConnection)',
    run(stop, id) {
      const port = netPort();
      return viaLoop(
        (callback, reject) => {
          const request = http.request({
            createConnection: () => stop(net.connect(port, '127.0.0.1')),
            path: `/${id}`,
          });
          // What comes back is the request itself: an error of the parser’s, with what it got.
          request.on('error', (error) =>
            error.code === 'HPE_INVALID_CONSTANT' ? callback(error) : reject(error),
          );
          request.end();
        },
        (error) => stop(String(error.rawPacket).split('\r\n', 1)[0]),
      );
    },
    expected: (id) => `GET /${id} HTTP/1.1`,
  },
  {
    name: 'net: connect, data and close',
    run(stop, id) {
      const port = netPort();
      const socket = net.connect(port, '127.0.0.1');
      viaLoop(
        (callback, reject) => socket.once('connect', callback).once('error', reject),
        () => stop(0),
      );
      socket.write(
        `${id}`,
        inTask(() => stop(0)),
      );
      const got = viaLoop(
        (callback) => socket.once('data', callback),
        (chunk) => stop(String(chunk)),
      );
      const closed = viaLoop(
        (callback) => {
          socket.once('close', callback);
          socket.destroy();
        },
        () => stop('closed'),
      );
      return [got, closed];
    },
    expected: (id) => [`${id}`, 'closed'],
  },
  {
    name: 'http2: session and stream callbacks',
    run(stop, id) {
      const session = http2.connect(`http://127.0.0.1:${http2Port()}`);
      const stream = session.request({ ':path': `/${id}` });
      const status = viaLoop(
        (callback, reject) => stream.once('response', callback).once('error', reject),
        (headers) => stop(headers[':status']),
      );
      let body = '';
      stream.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      viaLoop(
        (callback) => stream.once('end', callback),
        () => stop(0),
      );
      const closed = viaLoop(
        (callback) => session.close(callback),
        () => stop('closed'),
      );
      return [status, body, closed];
    },
    expected: [200, 'answer', 'closed'],
  },
  {
    name: 'dgram: message and send callbacks',
    run(stop, id) {
      const socket = dgram.createSocket('udp4');
      viaLoop(
        (callback) => socket.bind(0, '127.0.0.1', callback),
        () => stop(0),
      );
      const { port } = socket.address();
      const got = viaLoop(
        (callback) => {
          socket.once('message', callback);
          socket.send(
            `${id}`,
            port,
            '127.0.0.1',
            inTask(() => stop(0)),
          );
        },
        (message) => stop(String(message)),
      );
      viaLoop(
        (callback) => socket.close(callback),
        () => stop(0),
      );
      return got;
    },
    expected: (id) => `${id}`,
  },
];
