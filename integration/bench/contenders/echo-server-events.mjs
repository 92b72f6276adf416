// Contender: a TCP echo server with events.
import { createServer } from 'node:net';
import { listen } from '../listen.mjs';

listen(
  createServer((socket) => {
    socket.on('data', (chunk) => {
      if (socket.write(chunk)) return;
      socket.pause();
      socket.once('drain', () => socket.resume());
    });
  }),
);
