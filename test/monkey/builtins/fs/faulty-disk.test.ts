import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildAddon } from '../../../../integration/torture/addon/build.mjs';
import { temporary } from './child.js';

it.runIf(process.platform === 'linux')(
  'what fails on the disk fails in a task as it does natively: reads, writes, flushes and closes',
  async () => {
    const out = execFileSync(
      process.execPath,
      ['--import', 'aevent/register', join(import.meta.dirname, 'faulty-disk.mjs')],
      {
        encoding: 'utf8',
        env: { ...process.env, ...temporary, LD_PRELOAD: await buildAddon('faulty-disk') },
      },
    );
    const { differences, failed, late } = JSON.parse(out) as {
      differences: unknown[];
      failed: number;
      late: string;
    };
    expect(differences).toEqual([]);
    expect(failed).toBeGreaterThan(30);
    expect(late).toBe('EIO');
  },
);
