// Packages that keep data in a file and have synchronous functions that read, change and write it: write-file-atomic, conf,
// lowdb, proper-lockfile, node-persist. Each of 200 requests at once adds what is its own, and counts.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Conf from 'conf';
import { JSONFileSyncPreset } from 'lowdb/node';
import storage from 'node-persist';
import lockfile from 'proper-lockfile';
import writeFileAtomic from 'write-file-atomic';
import { folder, requests } from '../requests.mjs';

const dir = folder();
const load = (file) => JSON.parse(readFileSync(file, 'utf8'));
const tell = (name, ids, count) =>
  console.log(`${name}: ${ids.length} records, ${new Set(ids).size} different ones, counted ${count}`);

const atomic = join(dir, 'atomic.json');
writeFileSync(atomic, '[]');
await requests((id) => writeFileAtomic.sync(atomic, JSON.stringify([...load(atomic), id])));
tell('write-file-atomic', load(atomic), load(atomic).length);

const conf = new Conf({ cwd: dir, configName: 'conf', defaults: { count: 0, ids: {} } });
await requests((id) => {
  conf.set(`ids.${id}`, id);
  conf.set('count', conf.get('count') + 1);
});
tell('conf', Object.keys(conf.get('ids')), conf.get('count'));

const low = join(dir, 'low.json');
const db = JSONFileSyncPreset(low, { ids: [] });
await requests((id) => db.update(({ ids }) => ids.push(id)));
tell('lowdb', load(low).ids, load(low).ids.length);

const locked = join(dir, 'locked.json');
writeFileSync(locked, '[]');
await requests((id) => {
  const release = lockfile.lockSync(locked);
  writeFileSync(locked, JSON.stringify([...load(locked), id]));
  release();
});
tell('proper-lockfile', load(locked), load(locked).length);

await storage.init({ dir: join(dir, 'persist') });
await requests((id) => storage.setItem(`id${id}`, id));
const values = await storage.values();
tell('node-persist', values, values.length);
