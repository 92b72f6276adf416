// `ws` with handlers that block.
import { once } from 'node:events';
import WebSocket, { WebSocketServer } from 'ws';
import { block, serve } from './serve.mjs';

await serve(
  () => {
    const server = new WebSocketServer({ port: 0 });
    server.on('connection', (socket) => {
      socket.on('message', (data) => socket.send(block(Number(data))));
    });
    return server;
  },
  async (port, i) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(socket, 'open');
    socket.send(String(i));
    const [answer] = await once(socket, 'message');
    socket.close();
    return String(answer);
  },
);
