// An echo server as one writes it without async or await: a task a connection.
import { createServer } from 'node:net';
import aevent from 'aevent';
import { tellCpu } from '../listen.mjs';

function serve(socket) {
  for (let chunk = socket.readSync(); chunk !== null; chunk = socket.readSync()) socket.writeSync(chunk);
  socket.endSync();
}

tellCpu();
await aevent.run(() => {
  const server = createServer().listenSync(0, '127.0.0.1');
  process.send({ url: `http://127.0.0.1:${server.address().port}` });
  for (;;) aevent.spawn(serve, server.acceptSync());
});
