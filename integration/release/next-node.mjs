// `npm run next-node -- <node binary>`: what the probes find in a Node to come, a nightly say: builds the core with the headers
// beside its binary, and prints each feature that is off. The exit code is 1 if a backend or a feature is.
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildNative } from '../../runtime/native/build.mjs';
import { buildTypeScript, root } from '../support/setup.mjs';

const node = resolve(process.argv[2] ?? process.execPath);
buildTypeScript();
await buildNative({ node });

const aevent = JSON.stringify(pathToFileURL(join(root, 'dist/loader/index.js')));
const program = `
  const { default: aevent } = await import(${aevent});
  await aevent.call(() => aevent.await(Promise.resolve()));
  console.log(JSON.stringify({ version: process.version, ...aevent.info() }));`;
let off = 0;
for (const backend of ['fiber', 'thread']) {
  const env = { ...process.env, AEVENT_BACKEND: backend, AEVENT_WARN: '0' };
  const args = ['--input-type=module', '--eval', program];
  const { version, features } = JSON.parse(execFileSync(node, args, { env, encoding: 'utf8' }));
  const failures = Object.entries(features).filter(([, state]) => state !== 'on');
  off += failures.length;
  console.log(`${version} ${backend}: ${Object.keys(features).length - failures.length} features on`);
  for (const [name, state] of failures) console.log(`  ${name}: ${state}`);
}
process.exitCode = off > 0 ? 1 : 0;
