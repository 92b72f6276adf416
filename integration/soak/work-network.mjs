// Work with sockets, http, datagrams and names.
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns';
import { getSync, requestSync } from 'node:http';
import { connect, connectSync, createServer } from 'node:net';
import aevent from 'aevent';
import { check, expectError, oneIn, upTo } from './tally.mjs';

const { await_, fetchSync, moveOnAfter } = aevent;
const HOST = '127.0.0.1';
const NOBODY = 1; // a port that only root could listen on
const TRIES = 40;

/** Runs `fn`, which waits for something that does not come, and cancels it. */
export function cancelled(fn) {
  check(
    moveOnAfter(upTo(8), () => fn() ?? 'something') === undefined,
    `there was something to wait for: ${fn}`,
  );
}

function bodyOf(response) {
  let body = '';
  response.setEncoding('utf8');
  for (const chunk of response) body += chunk;
  return body;
}

export const networkWork = (ports) => ({
  socket(id) {
    const text = `${id}:${'x'.repeat(upTo(20_000))}\n`;
    let socket;
    try {
      const answer = await_(
        new Promise((resolve, reject) => {
          let got = '';
          socket = connect(ports.tcp, HOST, () => socket.end(text));
          socket.setEncoding('utf8').on('data', (part) => {
            got += part;
          });
          socket.on('close', () => resolve(got)).on('error', reject);
        }),
      );
      check(answer === text, 'a socket gave back something else');
    } finally {
      socket.destroy();
    }
  },
  stream(id) {
    if (oneIn(8)) expectError('ECONNREFUSED', () => connectSync(NOBODY, HOST));
    const socket = connectSync(ports.tcp, HOST);
    try {
      for (let i = 0; i < 3; i++) {
        if (oneIn(6)) cancelled(() => socket.readLineSync());
        const line = `${id}/${i}`.repeat(1 + upTo(3000));
        socket.writeSync(`${line}\n`);
        check(socket.readLineSync() === line, 'a stream gave back another line');
      }
      socket.endSync();
      check(socket.readLineSync() === null, 'a stream did not end');
    } finally {
      socket.destroy();
    }
  },
  listen(id) {
    const server = createServer();
    try {
      server.listenSync(0, HOST);
      if (oneIn(6)) cancelled(() => server.acceptSync());
      const client = connectSync(server.address().port, HOST);
      let peer;
      try {
        peer = server.acceptSync();
        peer.endSync(`${id}\n`);
        check(client.readLineSync() === String(id), 'an accepted socket said something else');
      } finally {
        client.destroy();
        peer?.destroy();
      }
    } finally {
      server.close();
    }
    expectError('ERR_SERVER_NOT_RUNNING', () => server.acceptSync());
  },
  http(id) {
    const url = `http://${HOST}:${ports.web}`;
    if (oneIn(6)) expectError('ECONNRESET', () => getSync(`${url}/break`, { agent: false }));
    if (oneIn(6)) cancelled(() => getSync(`${url}/never`, { agent: false }));
    const response = oneIn(2)
      ? getSync(`${url}/${id}`)
      : requestSync(`${url}/${id}`, { method: 'POST' }, 'body');
    check(bodyOf(response) === String(id).repeat(100), 'an http response has another body');
  },
  fetch(id) {
    const url = `http://${HOST}:${ports.web}`;
    if (oneIn(6)) expectError('UND_ERR_SOCKET', () => fetchSync(`${url}/break`));
    if (oneIn(6)) cancelled(() => fetchSync(`${url}/never`));
    const body = fetchSync(`${url}/${id}`).textSync();
    check(body === String(id).repeat(100), 'a fetched response has another body');
  },
  datagram(id) {
    const socket = createSocket('udp4');
    try {
      socket.bindSync(0, HOST);
      // Else it might get an answer to the question of a resolver that was cancelled, and had this port before.
      socket.connectSync(ports.udp, HOST);
      if (oneIn(6)) cancelled(() => socket.recvSync());
      // The system may drop a datagram, so it is sent again.
      let got;
      for (let i = 0; i < TRIES && got === undefined; i++) {
        socket.sendSync(String(id));
        got = moveOnAfter(1000, () => String(socket.recvSync().data));
      }
      check(got === String(id), `a datagram gave back ${got}`);
    } finally {
      socket.close();
    }
    expectError('ERR_SOCKET_DGRAM_NOT_RUNNING', () => socket.recvSync());
  },
  name(id) {
    const resolver = new Resolver({ timeout: 1000, tries: TRIES });
    resolver.setServers([`${HOST}:${ports.names}`]);
    if (oneIn(6)) expectError('ENOTFOUND', () => resolver.resolve4Sync(`no-${id}.soak.test`));
    if (oneIn(6)) cancelled(() => resolver.resolve4Sync(`never-${id}.soak.test`));
    const found = resolver.resolve4Sync(`n${id}.soak.test`);
    check(found.join() === HOST, `a name gave ${found}`);
  },
});
