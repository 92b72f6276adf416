// A client of Redis, and a server that knows as much of the protocol (RESP) as that client needs.
import { connectSync, createServer } from 'node:net';
import { Thread } from 'aevent/threading';

function encode(words) {
  const parts = words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join('')}`;
}

/** Reads one value; undefined at the end of the connection. */
function readValue(socket) {
  const line = socket.readLineSync();
  if (line === null) return undefined;
  const rest = line.slice(1);
  switch (line[0]) {
    case '+':
      return rest;
    case ':':
      return Number(rest);
    case '-':
      return new Error(rest);
    case '$':
      return rest === '-1'
        ? null
        : socket
            .readExactlySync(Number(rest) + 2)
            .toString()
            .slice(0, -2);
    case '*':
      return Array.from({ length: Number(rest) }, () => readValue(socket));
    default:
      throw new Error(`This is no RESP: ${line}`);
  }
}

export class RedisClient {
  #socket;

  constructor(port) {
    this.#socket = connectSync(port, '127.0.0.1');
  }

  command(...words) {
    const [value] = this.pipeline([words]);
    if (value instanceof Error) throw value;
    return value;
  }

  /** Sends all commands at once, then reads all replies. */
  pipeline(commands) {
    this.#socket.writeSync(commands.map(encode).join(''));
    return commands.map(() => readValue(this.#socket));
  }

  close() {
    this.#socket.endSync();
  }
}

function serveClient(socket, store) {
  const commands = {
    PING: () => '+PONG\r\n',
    SET: (key, value) => {
      store.set(key, value);
      return '+OK\r\n';
    },
    GET: (key) =>
      store.has(key) ? `$${Buffer.byteLength(store.get(key))}\r\n${store.get(key)}\r\n` : '$-1\r\n',
    INCR: (key) => {
      store.set(key, String(Number(store.get(key) ?? 0) + 1));
      return `:${store.get(key)}\r\n`;
    },
    DEL: (...keys) => `:${keys.filter((key) => store.delete(key)).length}\r\n`,
  };
  for (let words = readValue(socket); words !== undefined; words = readValue(socket)) {
    const [name, ...rest] = words;
    socket.writeSync(commands[name]?.(...rest) ?? `-ERR unknown command '${name}'\r\n`);
  }
  socket.endSync();
}

export function startRespServer() {
  const store = new Map();
  const server = createServer().listenSync(0, '127.0.0.1');
  const accept = () => {
    try {
      for (;;) new Thread({ target: serveClient, args: [server.acceptSync(), store] }).start();
    } catch (error) {
      if (error.code !== 'ERR_SERVER_NOT_RUNNING') throw error;
    }
  };
  new Thread({ target: accept }).start();
  return server;
}

export function talkToRedis(port, i, meet) {
  const redis = new RedisClient(port);
  const key = `protocols:${process.pid}:${i}`;
  const heard = [redis.command('PING'), redis.command('GET', key), redis.command('SET', key, `Zürich ${i}`)];
  meet();
  heard.push(redis.command('GET', key));
  try {
    redis.command('NONSENSE');
  } catch (error) {
    heard.push(/unknown command/.test(error.message));
  }
  const counts = redis.pipeline(Array.from({ length: 50 }, () => ['INCR', `${key}:count`]));
  heard.push(counts.join() === Array.from({ length: 50 }, (_, n) => n + 1).join());
  heard.push(redis.command('DEL', key, `${key}:count`));
  redis.close();
  return heard.join() === `PONG,,OK,Zürich ${i},true,true,2`;
}
