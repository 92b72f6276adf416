// A server and a client that talk in lines, as one would write them in a language with blocking sockets.
import { connectSync, createServer } from 'node:net';
import { sleepSync } from 'node:timers';
import { Thread } from 'aevent/threading';

const commands = {
  ECHO: (words) => words.join(' '),
  SUM: (words) => words.reduce((sum, word) => sum + Number(word), 0),
  WAIT: ([delayMs]) => {
    sleepSync(Number(delayMs));
    return 'waited';
  },
};

function serveClient(socket) {
  socket.writeSync('READY\n');
  for (;;) {
    const line = socket.readLineSync();
    if (line === null || line === 'QUIT') break;
    const [name, ...words] = line.split(' ');
    const command = commands[name];
    socket.writeSync(command ? `OK ${command(words)}\n` : `ERROR no such command: ${name}\n`);
  }
  socket.endSync('BYE\n');
}

/** Serves until the server is closed; a thread for each client. */
export function startLineServer() {
  const server = createServer().listenSync(0, '127.0.0.1');
  const accept = () => {
    try {
      for (;;) new Thread({ target: serveClient, args: [server.acceptSync()] }).start();
    } catch (error) {
      if (error.code !== 'ERR_SERVER_NOT_RUNNING') throw error;
    }
  };
  new Thread({ target: accept }).start();
  return server;
}

/** @param meet - called in the middle of the conversation */
export function talkInLines(port, i, meet) {
  const socket = connectSync(port, '127.0.0.1');
  const ask = (line) => {
    socket.writeSync(`${line}\n`);
    return socket.readLineSync();
  };
  const heard = [socket.readLineSync(), ask(`SUM ${i} 1 2`)];
  meet();
  heard.push(ask('WAIT 20'), ask(`ECHO I am ${i}`), ask('SING'), ask('QUIT'));
  const rest = socket.readLineSync();
  socket.endSync();
  return (
    [...heard, rest].join() === `READY,OK ${i + 3},OK waited,OK I am ${i},ERROR no such command: SING,BYE,`
  );
}
