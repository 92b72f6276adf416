// Every stream has the synchronous methods in a task, also in a program that never imports `node:stream`.
import { describe, expect, it } from 'vitest';
import { fixture } from '../../fixture.js';

describe('a stream has the synchronous methods in a task when it is', () => {
  it.concurrent.each(['a child', 'process.stdin', 'a file', 'a file handle', 'a Worker', 'a hash'])(
    '%s',
    async (name) => {
      const { stdout } = await fixture(['--import', 'aevent/register', 'streams-of-modules.mjs', name]);
      expect(stdout).toBe('function function\n');
    },
  );
});
