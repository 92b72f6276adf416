// An HTTP/1.1 download over a plain socket: status line, header lines, and a body of either kind.
import { createServer } from 'node:http';
import { connectSync } from 'node:net';

const PAGE = Buffer.alloc(100_000, 'all of this page ');

/** Node's own server: one path with a length, one in chunks. */
export function startWebServer() {
  const server = createServer((request, response) => {
    if (request.url === '/chunks') {
      for (let at = 0; at < PAGE.length; at += 30_000) response.write(PAGE.subarray(at, at + 30_000));
      response.end();
    } else {
      response.end(PAGE);
    }
  });
  return server.listenSync(0, '127.0.0.1');
}

function readBody(socket, headers) {
  if (headers['content-length']) return socket.readExactlySync(Number(headers['content-length']));
  const chunks = [];
  for (;;) {
    const size = Number.parseInt(socket.readLineSync(), 16);
    if (size > 0) chunks.push(socket.readExactlySync(size));
    socket.readLineSync();
    if (size === 0) return Buffer.concat(chunks);
  }
}

export function download(port, path) {
  const socket = connectSync(port, '127.0.0.1');
  socket.writeSync(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  const status = Number(socket.readLineSync().split(' ')[1]);
  const headers = {};
  for (let line = socket.readLineSync(); line !== ''; line = socket.readLineSync()) {
    const [, name, value] = /^([^:]+): *(.*)$/.exec(line);
    headers[name.toLowerCase()] = value;
  }
  const body = readBody(socket, headers);
  socket.endSync();
  return { status, body, whole: body.equals(PAGE) };
}
