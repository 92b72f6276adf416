// net, tls, dgram, dns, http and https. What a cancelled call leaves: a socket that was being connected is destroyed, a
// server that was to listen does not; a server or socket that was only waited on stays as it is.
import { execFileSync } from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns';
import promises from 'node:dns/promises';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import aevent from 'aevent';

const host = '127.0.0.1';
/** Later versions of Node have a `bindSync()` of their own, which looks nothing up. */
const bindsAtOnce = 'bindSync' in dgram.Socket[aevent.orig].prototype;

/** A server that listens, closed with all of its connections. */
async function listening(server) {
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.on('tlsClientError', () => {});
  server.listen(0, host);
  await once(server, 'listening');
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { server, port: server.address().port, sockets, close };
}

const directory = mkdtempSync(join(tmpdir(), 'aevent-cancel-tls-'));
const file = (name) => join(directory, name);
execFileSync(
  'openssl',
  [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', `subjectAltName=IP:${host}`],
    ...['-keyout', file('key.pem'), '-out', file('cert.pem')],
  ],
  { stdio: 'ignore' },
);
const identity = { key: readFileSync(file('key.pem')), cert: readFileSync(file('cert.pem')) };
rmSync(directory, { recursive: true });

const destroyed = (socket) => {
  if (socket === undefined || socket.destroyed) return;
  const closed = once(socket, 'close');
  socket.destroy();
  return closed;
};

/** A server of http that answers when it is told. */
async function answering(module, options, atOnce) {
  const state = { answers: atOnce, responses: [], agent: new module.Agent() };
  const server = module.createServer(options, (_, response) => {
    if (state.answers) response.end('body');
    else state.responses.push(response);
  });
  return Object.assign(state, await listening(server));
}

const httpRow = (module, name, call, atOnce, options = {}) => ({
  name: `${name}: a request ${atOnce ? 'and its response' : 'that nobody has answered yet'}`,
  covers: [name],
  arrange: () => answering(module, options, atOnce),
  act: (state) => {
    state.response = call({ port: state.port, host, agent: state.agent, ca: identity.cert });
  },
  finish: (state) => {
    state.answers = true;
    for (const response of state.responses) response.end('body');
  },
  after: async (state, { cancelled }) => {
    if (!cancelled && state.response.statusCode !== 200) throw new Error('no response');
    state.response?.destroy();
    state.agent.destroy();
    await state.close();
  },
});

/** A name server that answers no one until it is told. */
async function nameServer() {
  const socket = dgram.createSocket('udp4');
  const asked = [];
  const reply = ({ data, rinfo }) => {
    // NXDOMAIN for whatever was asked.
    const answered = Buffer.concat([data.subarray(0, 2), Buffer.from([0x81, 0x83]), data.subarray(4)]);
    socket.send(answered, rinfo.port, rinfo.address);
  };
  const state = { socket, finished: false };
  socket.on('message', (data, rinfo) =>
    state.finished ? reply({ data, rinfo }) : asked.push({ data, rinfo }),
  );
  socket.bind(0, host);
  await once(socket, 'listening');
  state.server = `${host}:${socket.address().port}`;
  state.finish = () => {
    state.finished = true;
    for (const one of asked.splice(0)) reply(one);
  };
  return state;
}

const closeSocket = async (socket) => {
  const closed = once(socket, 'close');
  socket.close();
  await closed;
};

const noName = (call) => {
  try {
    return call();
  } catch (error) {
    if (error.code === 'ENOTFOUND' || error.code === 'ENODATA') return undefined;
    throw error;
  }
};

/** Queries that have all but the name in common: each run asks another one. */
const queryRow = (module, name, methods) => ({
  name: `${name}: ${methods.join(', ')}`,
  covers: methods.map((method) => `${name}.${method}`),
  runs: 0,
  arrange: nameServer,
  act({ server }) {
    const method = methods[this.runs++ % methods.length];
    const before = module.getServers();
    module.setServers([server]);
    try {
      return noName(() => module[method](method === 'reverseSync' ? '192.0.2.1' : 'never.test'));
    } finally {
      module.setServers(before);
    }
  },
  finish: ({ finish }) => finish(),
  after: ({ socket }) => closeSocket(socket),
});

const queries = Object.keys(dns).filter((name) => /^(resolve|reverse).*Sync$/.test(name));

async function bound() {
  const socket = dgram.createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  return socket;
}

export const modules = { net, tls, dgram, dns, 'dns/promises': promises, http, https };

export const rows = [
  {
    name: 'net.connectSync',
    covers: ['net.connectSync'],
    arrange: () => listening(net.createServer()),
    act: (state) => {
      state.socket = net.connectSync(state.port, host);
    },
    after: async ({ socket, close }) => {
      await destroyed(socket);
      await close();
    },
  },
  {
    name: 'net.connectSync, looking a name up',
    arrange: () => listening(net.createServer()),
    act: (state) => {
      state.socket = net.connectSync({ port: state.port, host: 'localhost', family: 4 });
    },
    after: async ({ socket, close }) => {
      await destroyed(socket);
      await close();
    },
  },
  {
    name: 'server.listenSync',
    arrange: () => ({ server: net.createServer() }),
    act: ({ server }) => server.listenSync(0, host),
    after: async ({ server }, { cancelled }) => {
      if (cancelled && server.listening) throw new Error('it listens');
      if (cancelled) await aevent.call(() => server.listenSync(0, host));
      await closeSocket(server);
    },
  },
  {
    name: 'server.acceptSync: a connection that comes then is kept for the next one',
    arrange: () => listening(net.createServer()),
    act: (state) => {
      state.accepted = state.server.acceptSync();
    },
    finish: async (state) => {
      state.client = net.connect(state.port, host);
      await once(state.client, 'connect');
    },
    after: async ({ server, client, close, accepted, sockets }, { cancelled }) => {
      if (!server.listening) throw new Error('the server is closed');
      if (!cancelled && accepted === undefined) throw new Error('nothing was accepted');
      if (client !== undefined) {
        while (sockets.size === 0) await new Promise(setImmediate);
        if (cancelled && server.acceptSync() === undefined) throw new Error('the connection is lost');
        await destroyed(client);
      }
      await close();
    },
  },
  {
    name: 'tls.connectSync',
    covers: ['tls.connectSync'],
    arrange: () => listening(tls.createServer(identity)),
    act: (state) => {
      state.socket = tls.connectSync({ port: state.port, host, ca: identity.cert });
    },
    after: async ({ socket, close }) => {
      await destroyed(socket);
      await close();
    },
  },
  {
    name: 'tls.connectSync to a peer that does not shake hands',
    arrange: () => listening(net.createServer()),
    act: (state) => {
      state.socket = tls.connectSync({ port: state.port, host, ca: identity.cert });
    },
    after: async ({ socket, close }) => {
      await destroyed(socket);
      await close();
    },
  },
  {
    name: 'socket.bindSync of dgram',
    arrange: () => dgram.createSocket('udp4'),
    act: (socket) => socket.bindSync({ port: 0, address: bindsAtOnce ? host : 'localhost' }),
    after: closeSocket,
    atOnce: bindsAtOnce,
  },
  {
    name: 'socket.connectSync of dgram',
    arrange: async () => ({ socket: dgram.createSocket('udp4'), peer: await bound() }),
    act: ({ socket, peer }) => socket.connectSync(peer.address().port, host),
    after: async ({ socket, peer }) => {
      await closeSocket(socket);
      await closeSocket(peer);
    },
    atOnce: true,
  },
  {
    name: 'socket.sendSync of dgram',
    arrange: async () => ({ socket: dgram.createSocket('udp4'), peer: await bound() }),
    act: ({ socket, peer }) => socket.sendSync('datagram', peer.address().port, 'localhost'),
    after: async ({ socket, peer }) => {
      await closeSocket(socket);
      await closeSocket(peer);
    },
  },
  {
    name: 'socket.recvSync of dgram: what comes then is kept for the next one',
    arrange: async () => ({ socket: await bound(), peer: dgram.createSocket('udp4') }),
    act: (state) => {
      state.received = state.socket.recvSync();
    },
    finish: (state) => {
      state.sent = true;
      return new Promise((resolve) => {
        state.peer.send('datagram', state.socket.address().port, host, resolve);
      });
    },
    after: async ({ socket, peer, sent, received }, { cancelled }) => {
      if (!cancelled && String(received?.data) !== 'datagram') throw new Error('nothing was received');
      if (cancelled && sent) {
        for (let turns = 0; ; turns++) {
          try {
            socket.recvSync();
            break;
          } catch (error) {
            if (turns > 100 || error.code !== 'AEVENT_NO_PORTAL') throw error;
            await new Promise(setImmediate);
          }
        }
      }
      await closeSocket(socket);
      await closeSocket(peer);
    },
  },
  ...[
    ['dns', dns],
    ['dns/promises', promises],
  ].flatMap(([name, module]) => [
    queryRow(module, name, queries.slice(0, queries.length / 2)),
    queryRow(module, name, queries.slice(queries.length / 2)),
    {
      name: `${name}.lookupSync`,
      covers: [`${name}.lookupSync`],
      act: () => module.lookupSync('localhost'),
    },
    {
      name: `${name}.lookupServiceSync`,
      covers: [`${name}.lookupServiceSync`],
      act: () => module.lookupServiceSync(host, 80),
    },
  ]),
  {
    name: 'a Resolver: its other queries go on',
    arrange: async () => {
      const state = await nameServer();
      const resolver = new dns.Resolver();
      resolver.setServers([state.server]);
      const other = new Promise((resolve) => resolver.resolve4('other.test', resolve));
      return { ...state, resolver, other };
    },
    act: ({ resolver }) => noName(() => resolver.resolve4Sync('never.test')),
    finish: ({ finish }) => finish(),
    after: async ({ other, finish, socket }) => {
      finish();
      const { code } = await other;
      if (code !== 'ENOTFOUND') throw new Error(`the other query ended with ${code}`);
      await closeSocket(socket);
    },
  },
  ...[true, false].flatMap((atOnce) => [
    httpRow(
      http,
      'http.requestSync',
      (options) => http.requestSync({ ...options, method: 'POST' }, 'body'),
      atOnce,
    ),
    httpRow(http, 'http.getSync', http.getSync, atOnce),
    httpRow(https, 'https.requestSync', https.requestSync, atOnce, identity),
    httpRow(https, 'https.getSync', https.getSync, atOnce, identity),
  ]),
];
