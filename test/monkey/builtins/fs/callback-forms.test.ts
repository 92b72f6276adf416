// Each function of fs that has a synchronous twin calls back, in a task: none may be left out of the definition's lists.
import nodeFs from 'node:fs';
import { expect, it } from 'vitest';
import { definition } from '../../../../dist/monkey/builtins/fs/definition.js';

type Functions = Record<string, unknown>;

/** Gives a promise. */
const PROMISING = 'openAsBlob';
const functions = nodeFs as unknown as Functions;
const twins = Object.keys(nodeFs).filter(
  (name) => name !== PROMISING && typeof functions[name] === 'function' && `${name}Sync` in nodeFs,
);

it.each(twins)('fs.%s is replaced, and so is its synchronous twin', (name) => {
  const ours = definition.exports as unknown as Functions;
  for (const one of [name, `${name}Sync`]) expect(ours[one]).not.toBe(functions[one]);
});
