import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build, type Format } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { node } from './child.js';

const root = resolve(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'aevent-bundled-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const program = `
  import { execSync } from 'node:child_process';
  import aevent from 'aevent';
  import { Lock } from 'aevent/threading';
  let turned = false;
  aevent.run(() => {
    useLock(new Lock());
    setImmediate(() => { turned = true; });
    return execSync('sleep 0.05; echo hi', { encoding: 'utf8' });
  }).then((said) => console.log(said.trim(), turned));
  function useLock(lock) { lock.acquire(); lock.release(); }`;

async function bundle(format: Format): Promise<string> {
  const outfile = join(dir, format === 'cjs' ? 'out.cjs' : 'out.mjs');
  const stdin = { contents: program, resolveDir: root };
  await build({ stdin, outfile, format, bundle: true, platform: 'node', logLevel: 'silent' });
  return outfile;
}

describe.each(['esm', 'cjs'] as const)(
  'a program that esbuild has made one %s file of, aevent in it',
  (format) => {
    it('works where the process has aevent already', async () => {
      const { stdout, stderr } = await node(['--import', 'aevent/register', await bundle(format)]);
      expect(stdout + stderr).toBe('hi true\n');
    });

    it('says elsewhere that aevent must stay external, and how', async () => {
      const { stderr, code } = await node([await bundle(format)]);
      expect(stderr).toContain("code: 'AEVENT_BUNDLED'");
      expect(stderr).toMatch(/aevent was bundled.*esbuild --external:aevent.*rollup.*webpack.*ncc -e aevent/);
      expect(code).toBe(1);
    });
  },
);
