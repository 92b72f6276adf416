// Callback forms in an opted-in context. Child of callbacks.test.ts.

import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import aevent from 'aevent';

const dir = fs.mkdtempSync(`${tmpdir()}/aevent-fs-`);
fs.writeFileSync(`${dir}/file`, 'contents');
const wait = (ms) => aevent.await_(delay(ms));

const result = await aevent.call(async () => {
  const found = {};
  // A callback may suspend, and says what it would without aevent.
  found.suspends = await new Promise((resolve) => {
    fs.readFile(`${dir}/file`, 'utf8', (error, text) => {
      wait(5);
      resolve([error, text]);
    });
  });
  found.exists = await promisify(fs.exists)(`${dir}/file`);
  const fd = fs.openSync(`${dir}/file`);
  const { bytesRead, buffer } = await promisify(fs.read)(fd, Buffer.alloc(4), 0, 4, 0);
  found.read = [bytesRead, String(buffer)];
  fs.closeSync(fd);
  found.realpath = (await promisify(fs.realpath.native)(`${dir}/file`)).endsWith('/file');
  found.refused = await new Promise((resolve) => {
    try {
      fs.readFile(`${dir}/file`, 'utf8');
    } catch (error) {
      resolve(error.code);
    }
  });

  const heard = [];
  const listener = (kind) => heard.push(kind);
  const watcher = fs.watch(dir, listener);
  found.listeners = [watcher.listenerCount('change'), watcher.listeners('change')[0] === listener];
  watcher.removeListener('change', listener);
  found.removed = watcher.listenerCount('change');
  watcher.close();

  const polled = fs.watchFile(`${dir}/file`, { interval: 10 }, listener);
  found.polled = polled.listenerCount('change');
  fs.unwatchFile(`${dir}/file`, listener);
  found.unpolled = polled.listenerCount('change');
  found.classes = [fs.statSync(dir) instanceof fs.Stats, fs.opendirSync(dir) instanceof fs.Dir];
  return found;
});
fs.rmSync(dir, { recursive: true });
console.log(JSON.stringify(result));
process.exit(0);
