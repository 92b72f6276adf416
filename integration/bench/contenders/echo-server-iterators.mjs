// Contender: a TCP echo server with async iterators.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { listen } from '../listen.mjs';

listen(
  createServer(async (socket) => {
    for await (const chunk of socket) {
      if (!socket.write(chunk)) await once(socket, 'drain');
    }
    socket.end();
  }),
);
