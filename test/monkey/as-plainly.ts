import { describe, expect, it } from 'vitest';
import { report } from './fixture.js';

/** Tests that each thing of which a fixture tells by its name is the same plainly and under auto. */
export async function testAsPlainly(title: string, args: readonly string[], hungMs?: number): Promise<void> {
  const plain = await report<Record<string, unknown>>(args, hungMs);
  const underAuto = await report<Record<string, unknown>>(['--import', 'aevent/auto', ...args], hungMs);
  describe(title, () => {
    it.each(Object.keys({ ...plain, ...underAuto }))('%s', (name) => {
      expect(underAuto[name]).toEqual(plain[name]);
    });
  });
}
