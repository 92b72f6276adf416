// nodemailer to an SMTP sink: plain and with attachments, one connection and a pool, a refused recipient.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import nodemailer from 'nodemailer';

const mails = [];
const sink = createServer((socket) => {
  const say = (line) => socket.write(`${line}\r\n`);
  let data;
  say('220 sink');
  createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
    if (data !== undefined) {
      if (line !== '.') return data.push(line);
      mails.push(data);
      data = undefined;
      return say(`250 got mail ${mails.length}`);
    }
    const command = line.split(' ')[0].toUpperCase();
    if (command === 'EHLO') return say('250-sink\r\n250 PIPELINING');
    if (command === 'RCPT' && line.includes('nobody')) return say('550 no such user');
    if (command === 'DATA') {
      data = [];
      return say('354 go on');
    }
    if (command === 'QUIT') return socket.end('221 bye\r\n');
    return say('250 ok');
  });
});
sink.listen(0, '127.0.0.1');
await once(sink, 'listening');

const options = { host: '127.0.0.1', port: sink.address().port, ignoreTLS: true };
const mail = (to, n) => ({
  from: 'me@example.org',
  to,
  subject: `Zürich ${n}`,
  text: 'Hello\n.\n.dots\nbye',
  html: '<p>Hello</p>',
  attachments: [{ filename: 'a.bin', content: Buffer.alloc(60_000, n) }],
  date: new Date(0),
  messageId: `<${n}@example.org>`,
});
const one = nodemailer.createTransport(options);
const { accepted, response } = await one.sendMail(mail('you@example.org', 1));
console.log(accepted, response);
const plain = await one.sendMail({
  from: 'me@example.org',
  to: 'you@example.org',
  text: 'short',
  date: new Date(0),
  messageId: '<2@x>',
});
console.log(plain.response);
await one
  .sendMail(mail('nobody@example.org', 3))
  .catch(({ code, responseCode, message }) => console.log(code, responseCode, message));
const pool = nodemailer.createTransport({ ...options, pool: true, maxConnections: 2 });
const sent = await Promise.all(
  Array.from({ length: 10 }, (_, i) => pool.sendMail(mail(`user${i}@example.org`, i + 4))),
);
console.log(sent.map(({ accepted: [to] }) => to).join());
pool.close();
// What is drawn at random: the boundaries between parts. The pool's connections take turns as they like.
const texts = mails.map((lines) =>
  lines.join('\n').replaceAll(/--_NmP-[^-\s"]+(-Part_\d+)/g, '--boundary$1'),
);
for (const text of texts.sort()) console.log(text.length, text.slice(0, 600));
sink.close(() => console.log('closed'));
