import { describe, expect, it } from 'vitest';
import { report } from './fixture.js';

type Found = Record<string, unknown>;

/** A program by its arguments; gives what it tells plainly, and under auto. They run at once, since they mostly wait. */
export function plainlyAndUnderAuto<T = Found>(args: readonly string[], hungMs?: number): Promise<[T, T]> {
  return Promise.all([report<T>(args, hungMs), report<T>(['--import', 'aevent/auto', ...args], hungMs)]);
}

/**
 * Tests that each thing of which programs tell by its name is the same plainly and under auto.
 * @param programs - the arguments of each; all run at once
 */
export async function testAsPlainly(
  title: string,
  programs: readonly (readonly string[])[],
  hungMs?: number,
): Promise<void> {
  const found = await Promise.all(programs.map((args) => plainlyAndUnderAuto(args, hungMs)));
  for (const [at, [plain, underAuto]] of found.entries()) {
    describe(programs.length > 1 ? `${title}: ${programs[at]?.join(' ')}` : title, () => {
      it.each(Object.keys({ ...plain, ...underAuto }))('%s', (name) => {
        expect(underAuto[name]).toEqual(plain[name]);
      });
    });
  }
}
