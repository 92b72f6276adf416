// A name server and a query, in datagrams (RFC 1035).
import { createSocket } from 'node:dgram';
import { Thread } from 'aevent/threading';

const TYPE_A = 1;
const CLASS_IN = 1;

const encodeName = (name) =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.of(0),
  ]);

/** Answers `host<n>.example` with 10.0.<high byte of n>.<low byte of n>, until the socket is closed. */
export function startNameServer() {
  const socket = createSocket('udp4');
  socket.bindSync({ port: 0, address: '127.0.0.1' });
  const serve = () => {
    try {
      for (;;) {
        const { data, rinfo } = socket.recvSync();
        const n = Number(/host(\d+)/.exec(data.toString('latin1'))?.[1]);
        const head = Buffer.from([data[0], data[1], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
        const answer = Buffer.from([
          0xc0,
          12,
          0,
          TYPE_A,
          0,
          CLASS_IN,
          0,
          0,
          0,
          60,
          0,
          4,
          10,
          0,
          n >> 8,
          n & 255,
        ]);
        socket.sendSync(Buffer.concat([head, data.subarray(12), answer]), rinfo.port, rinfo.address);
      }
    } catch (error) {
      if (error.code !== 'ERR_SOCKET_DGRAM_NOT_RUNNING') throw error;
    }
  };
  new Thread({ target: serve }).start();
  return socket;
}

/** @returns the address, as text */
export function lookUp(port, name, id) {
  const socket = createSocket('udp4');
  try {
    const question = Buffer.concat([encodeName(name), Buffer.from([0, TYPE_A, 0, CLASS_IN])]);
    const head = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    socket.bindSync({ port: 0, address: '127.0.0.1' });
    socket.sendSync(Buffer.concat([head, question]), port, '127.0.0.1');
    for (;;) {
      const { data } = socket.recvSync();
      if (data.readUInt16BE(0) === id) return data.subarray(-4).join('.');
    }
  } finally {
    socket.close();
  }
}
